from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gemauth.client.calls.refusal import refusal
from gemauth.client.doctor import credentials
from gemauth.client.doctor.remedies import remedy
from gemauth.client.flows.exchange import TokenRefused
from gemauth.errors import UsageError
from gemauth.oauth.error import ErrorBody
from tests.client.doctor.google import case, refused

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("error", "step"),
    [
        ("invalid_grant", "gemauth login --client-id-file FILE"),
        ("deleted_client", "https://console.cloud.google.com/auth/clients"),
        ("server_error", None),
    ],
)
def test_token_endpoint(home: Path, error: str, step: str | None) -> None:
    """One step for each refusal that a person can end; else the error's own stands."""
    there = case(home)
    credentials.source(there)
    assert remedy(TokenRefused(ErrorBody(error), 400, "x"), there) == step


def test_what_has_no_remedy(home: Path) -> None:
    """Other errors, and refusals that nobody knows."""
    there = case(home)
    assert remedy(UsageError("x"), there) is None
    assert remedy(refusal(refused(403, "PERMISSION_DENIED", reason="NEW")), there) is None
