from __future__ import annotations

from typing import Any

import pytest

from tests.client.sdk.fakes import Source, credentials, google_auth, installed, module
from tests.client.transcript import EMULATOR


class Options:
    """client_options of google-api-core."""

    api_endpoint: str | None = None
    api_key: str | None = None


@pytest.fixture
def configured(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The adapter's function, and what google.generativeai was configured with."""
    seen: dict[str, Any] = {}

    def configure(**how: Any) -> None:
        how["client_options"].api_key = "AIza-of-the-environment"  # as the package does
        seen.update(how)

    adapter = installed(
        monkeypatch,
        "google_generativeai",
        *google_auth(),
        module("google.generativeai", configure=configure),
        module("google.api_core", client_options=None),
        module("google.api_core.client_options", ClientOptions=Options),
    )
    return adapter.for_generativeai, seen


def test_credentials_win(configured: Any) -> None:
    """Google's own endpoint and transport; the environment's key is not taken."""
    configure, seen = configured
    configure(credentials(), default_metadata=[("a", "b")])
    assert seen["credentials"].quota_project_id == "paying"
    assert (seen["transport"], seen["default_metadata"]) == (None, [("a", "b")])
    assert vars(seen["client_options"]) == {"api_key": None}


def test_an_emulator(configured: Any) -> None:
    """Its address, and REST, which needs no certificate there."""
    configure, seen = configured
    configure(credentials(Source(stem="ya29.emu-"), endpoints=EMULATOR))
    assert (seen["transport"], seen["client_options"].api_endpoint) == ("rest", EMULATOR.gemini)
    configure(credentials(endpoints=EMULATOR), transport="grpc")
    assert (seen["transport"], seen["client_options"].api_endpoint) == ("grpc", "localhost:8085")


def test_a_run(configured: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Google's address leads to the emulator, it stays, and so does the transport."""
    monkeypatch.setenv("HTTPS_PROXY", EMULATOR.gemini)
    configure, seen = configured
    configure(credentials(Source(stem="ya29.emu-"), endpoints=EMULATOR))
    assert (seen["transport"], seen["client_options"].api_endpoint) == (None, None)
