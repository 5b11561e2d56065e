from __future__ import annotations

import re
import secrets

import pytest

from gemauth.emulator.tokens import shape

MAKERS = {
    "access_token": (shape.access_token, r"ya29\.emu-"),
    "service_account_access_token": (shape.service_account_access_token, r"ya29\.c\.emu-"),
    "federated_access_token": (shape.federated_access_token, r"ya29\.d\.emu-"),
    "refresh_token": (shape.refresh_token, r"1//emu-"),
    "authorization_code": (shape.authorization_code, r"4/0Aemu-"),
    "client_secret": (shape.client_secret, r"GOCSPX-emu-"),
    "auth_api_key": (shape.auth_api_key, r"AQ\.emu-"),
}
CHECKS = {
    shape.is_access_token: {"access_token", "service_account_access_token"},
    shape.is_federated_access_token: {"federated_access_token"},
    shape.is_refresh_token: {"refresh_token"},
    shape.is_authorization_code: {"authorization_code"},
}


@pytest.mark.parametrize("kind", MAKERS)
def test_recognisable_and_random(kind: str) -> None:
    """Each secret has Google's prefix, `emu`, and 256 random bits."""
    make, prefix = MAKERS[kind]
    made = {make(secrets.token_bytes) for _ in range(20)}
    assert len(made) == 20
    assert all(re.fullmatch(prefix + "[A-Za-z0-9_-]{43}", text) for text in made)


def test_told_apart() -> None:
    """Each check accepts its own kinds of text and none of the others."""
    for check, kinds in CHECKS.items():
        for kind, (make, _) in MAKERS.items():
            assert check(make(secrets.token_bytes)) is (kind in kinds), (check, kind)
        for foreign in ("", "ya29.a0AfH6", "1//0gabc", "4/0AbCd", "ya29.emu-short"):
            assert not check(foreign)
        own = MAKERS[min(kinds)][0](secrets.token_bytes)
        assert not check(own + "\n")


def test_client_id() -> None:
    """A client id begins with its project's number, as Google's do."""
    made = shape.client_id("100000000001", secrets.token_bytes)
    assert re.fullmatch(r"100000000001-emu[0-9a-f]{32}\.apps\.googleusercontent\.com", made)


def test_standard_api_key() -> None:
    """A standard key has the 39 characters that redactors look for."""
    made = shape.standard_api_key(secrets.token_bytes)
    assert re.fullmatch(r"AIza[0-9A-Za-z_-]{35}", made)
    assert made.startswith("AIzaEmu")


def test_browser_cookie() -> None:
    """A cookie is 32 random bytes."""
    assert len(shape.browser_cookie(secrets.token_bytes)) == 43
