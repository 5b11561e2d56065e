"""The short way to a new token, for one process that wants one and nothing else.

    renewed(environ, credential, place, now)      a person's: the refresh token is spent once more
    signed(environ, credential, place, now)       a key's own signature, no server asked

`gemauth print-access-token` takes it when there is no good token in the cache. It knows the plain
case by heart: a file that Google's own tools wrote, Google itself, an answer with a token. For all
else (an emulator, a profile in a keyring, somebody else who refreshes just now, a refusal, a
connection that fails) it returns None, and the long way (`sources/`), which waits, tries again and
explains, begins anew. What it sends and stores is what the long way would: tests hold them equal.
So an answer that it cannot use is not asked for again: `handing_on` is the long way's transport.

It exists since half of what the long way costs is loading it. Nothing here may import dataclasses,
argparse or urllib3 (tests/client/test_short_way.py; docs/decisions/0020).
"""

from __future__ import annotations

import json
import re

from gemauth.client.cache import tokens
from gemauth.client.cache.lock import FileLock, lock_file
from gemauth.errors import DataError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from gemauth.client.connections.http1 import Answer
    from gemauth.client.world import Sender
    from gemauth.http import Request, Response

__all__ = ["handing_on", "renewed", "signed"]

TOKEN_HOST = "oauth2.googleapis.com"  # noqa: S105  # a host; endpoints.GOOGLE.token, without its module
TOKEN_ENDPOINT = f"https://{TOKEN_HOST}/token"
AUDIENCE = "https://generativelanguage.googleapis.com/"  # service_account.AUDIENCE
TIMEOUT = 120.0  # seconds; transport.TIMEOUT
LIFETIME = 3600  # seconds; assertion.LIFETIME
# What an emulator's secrets and ids have in them, and hardly one of Google's (target.is_emulated,
# google.credentials.EMULATED_KEY_ID): whichever has it goes the long way, where it is looked at.
_EMULATED, _EMULATED_KEY = "emu", "656d75"
# A plain one; what else HTTPS_PROXY can hold is looked at on the long way.
_PROXY = re.compile(r"http://[A-Za-z0-9.-]+:[1-9][0-9]{0,4}/?")
_unused: list[tuple[bytes, Answer]] = []  # at most one: the last request's body and its answer
_HEADERS = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}


def renewed(environ: Mapping[str, str], credential: bytes, place: str, now: float) -> str | None:
    """Return a new access token of a signed-in person, stored, or None for the long way.

    Args:
        environ: the environment variables.
        credential: the credential file's bytes.
        place: the cache's entry for it (`tokens.entry`).
        now: epoch seconds.
    """
    user = _object(credential, "authorized_user", "client_id", "client_secret", "refresh_token")
    if user is None or any(_EMULATED in user[name] for name in ("client_id", "client_secret")):
        return None
    if _EMULATED in user["refresh_token"]:
        return None
    lock = FileLock(lock_file(place))
    if not lock.acquire():
        return None
    try:
        token = tokens.good(place, now)  # stored by another process since we looked
        if token is None:
            token = _refreshed(environ, user, place, now)
    finally:
        lock.release()
    return token


def _refreshed(
    environ: Mapping[str, str], user: dict[str, Any], place: str, now: float
) -> str | None:
    from urllib.parse import urlencode

    from gemauth.client.connections.connection import FAILURES, Connections
    from gemauth.proxy import https_proxy

    proxy = https_proxy(environ, TOKEN_HOST, TOKEN_HOST)
    if proxy is not None and not _PROXY.fullmatch(proxy):
        return None
    form = {
        "grant_type": "refresh_token",
        "refresh_token": user["refresh_token"],
        "client_id": user["client_id"],
        "client_secret": user["client_secret"],
    }
    body = urlencode(form).encode()
    try:
        with Connections() as connections:
            answer = connections.ask("POST", TOKEN_ENDPOINT, _HEADERS, body, proxy, TIMEOUT)
    except (*FAILURES, ValueError):
        return None
    said = _said(answer)
    if said is None:
        _unused[:] = [(body, answer)]
        return None
    token, seconds, scopes = said
    _keep(place, token, now + seconds, scopes, now)
    return token


def _said(answer: Answer) -> tuple[str, int, list[str]] | None:
    """Return the token of an answer, its seconds and scopes; None where it is no plain one."""
    try:
        said = json.loads(answer.body) if answer.status == 200 else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict):
        return None
    token, seconds, scope = (said.get(name) for name in ("access_token", "expires_in", "scope"))
    if not (isinstance(token, str) and token and isinstance(seconds, int)):
        return None
    if token.startswith("ya29.emu-") or not isinstance(scope or "", str):
        return None
    return token, seconds, (scope or "").split()


def handing_on(sender: Sender) -> Sender:
    """Return a transport that answers the short way's request with what it brought, once.

    Every other request is the sender's; so are all where nothing was brought.
    """
    return _HandingOn(sender, *_unused.pop()) if _unused else sender


class _HandingOn:
    """That transport."""

    __slots__ = ("_answer", "_body", "_sender")

    def __init__(self, sender: Sender, body: bytes, answer: Answer) -> None:
        self._sender = sender
        self._body = body
        self._answer: Answer | None = answer

    def send(self, request: Request, timeout: float | None = None) -> Response:
        """Return the answer, whatever its status."""
        answer = self._answer
        if answer is None or (request.url, request.body) != (TOKEN_ENDPOINT, self._body):
            return self._sender.send(request, timeout)
        from gemauth.client.connections.connection import response

        self._answer = None
        return response(answer)


def signed(environ: Mapping[str, str], credential: bytes, place: str, now: float) -> str | None:
    """Return a self-signed JWT of a service account's key, stored, or None for the long way.

    Args:
        environ: the environment variables.
        credential: the key file's bytes.
        place: the cache's entry for it (`tokens.entry`).
        now: epoch seconds.
    """
    key = _object(credential, "service_account", "client_email", "token_uri", "private_key")
    if key is None or key["token_uri"] != TOKEN_ENDPOINT:
        return None
    key_id = key.get("private_key_id")
    if not isinstance(key_id, str) or key_id.startswith(_EMULATED_KEY):
        return None
    from gemauth.client.rsa_keys import notes, signer
    from gemauth.oauth import jwt

    issued = int(now)
    claims = {
        "iat": issued,
        "exp": issued + LIFETIME,
        "iss": key["client_email"],
        "sub": key["client_email"],
        "aud": AUDIENCE,
    }
    try:
        sign = signer(key["private_key"], key["client_email"], notes(environ))
    except DataError:
        return None
    token = jwt.encode(claims, sign, key_id=key_id)
    _keep(place, token, issued + LIFETIME, (), None)
    return token


def _object(credential: bytes, kind: str, *texts: str) -> dict[str, Any] | None:
    """Return a credential file's object, None where it is another kind's or lacks a plain text."""
    try:
        found = json.loads(credential)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or found.get("type") != kind:
        return None
    if found.get("universe_domain") not in {None, "", "googleapis.com"}:
        return None
    there = (found.get(name) for name in texts)
    return found if all(isinstance(text, str) and text.isascii() for text in there) else None


def _keep(
    place: str, token: str, end: float, scopes: list[str] | tuple[()], issued: float | None
) -> None:
    try:
        tokens.keep(place, token, end, scopes, issued)
    except DataError:  # it serves once all the same
        return
