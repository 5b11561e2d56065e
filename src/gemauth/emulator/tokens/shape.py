"""The text of every secret that the emulator makes, never to be mistaken for Google's.

Google's prefixes come first, since clients and log redactors look for them (google-oauth.md 2.1,
gemini-api.md 2), then `emu` (design decision 8). At rest only `storage.hashing.digest` of a text is
kept. Written by `issue`, `authserver`, `control` and `cloud`; read by `verify`.

Each maker takes `entropy(n)`, which returns n random bytes (`secrets.token_bytes`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gemauth.oauth import base64url

if TYPE_CHECKING:
    from gemauth.emulator.context import Entropy

__all__ = [
    "access_token",
    "auth_api_key",
    "authorization_code",
    "browser_cookie",
    "client_id",
    "client_secret",
    "federated_access_token",
    "is_access_token",
    "is_authorization_code",
    "is_federated_access_token",
    "is_refresh_token",
    "refresh_token",
    "service_account_access_token",
    "standard_api_key",
]

_ACCESS = "ya29.emu-"
_SERVICE_ACCOUNT_ACCESS = "ya29.c.emu-"
_FEDERATED_ACCESS = "ya29.d.emu-"
_REFRESH = "1//emu-"
_CODE = "4/0Aemu-"
_CLIENT_SECRET = "GOCSPX-emu-"  # noqa: S105  # a prefix
_STANDARD_KEY = "AIzaEmu"
_AUTH_KEY = "AQ.emu-"

# 256 random bits, in base64url without padding.
_BYTES = 32
_RANDOM = "[A-Za-z0-9_-]{43}"


def access_token(entropy: Entropy) -> str:
    """Return a new access token of a person."""
    return _ACCESS + _random(entropy)


def service_account_access_token(entropy: Entropy) -> str:
    """Return a new access token of a service account."""
    return _SERVICE_ACCOUNT_ACCESS + _random(entropy)


def federated_access_token(entropy: Entropy) -> str:
    """Return a new access token of somebody whom a workload identity provider vouched for."""
    return _FEDERATED_ACCESS + _random(entropy)


def refresh_token(entropy: Entropy) -> str:
    """Return a new refresh token."""
    return _REFRESH + _random(entropy)


def authorization_code(entropy: Entropy) -> str:
    """Return a new authorization code; its slash travels percent-encoded, as Google's does."""
    return _CODE + _random(entropy)


def client_secret(entropy: Entropy) -> str:
    """Return a new OAuth client secret."""
    return _CLIENT_SECRET + _random(entropy)


def client_id(project_number: str, entropy: Entropy) -> str:
    """Return a new OAuth client id of the project with a number; no secret, but unique."""
    return f"{project_number}-emu{entropy(16).hex()}.apps.googleusercontent.com"


def standard_api_key(entropy: Entropy) -> str:
    """Return a new API key that names a project: 39 characters, as redactors expect."""
    return _STANDARD_KEY + _random(entropy, 24)


def auth_api_key(entropy: Entropy) -> str:
    """Return a new API key that is bound to a service account."""
    return _AUTH_KEY + _random(entropy)


def browser_cookie(entropy: Entropy) -> str:
    """Return a new browser session's cookie value."""
    return _random(entropy)


def is_access_token(text: str) -> bool:
    """Whether this has the form of an access token, of a person or a service account."""
    return _is(text, f"({re.escape(_ACCESS)}|{re.escape(_SERVICE_ACCOUNT_ACCESS)})")


def is_federated_access_token(text: str) -> bool:
    """Whether this has the form of a federated access token."""
    return _is(text, re.escape(_FEDERATED_ACCESS))


def is_refresh_token(text: str) -> bool:
    """Whether this has the form of a refresh token."""
    return _is(text, re.escape(_REFRESH))


def is_authorization_code(text: str) -> bool:
    """Whether this has the form of an authorization code."""
    return _is(text, re.escape(_CODE))


def _random(entropy: Entropy, size: int = _BYTES) -> str:
    return base64url.encode(entropy(size))


def _is(text: str, prefix: str) -> bool:
    return re.fullmatch(prefix + _RANDOM, text) is not None
