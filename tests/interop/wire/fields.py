"""A recorded request as fields that can be compared: secrets by their shape, versions by a star.

What differs from run to run says nothing about a client: tokens, keys, ports, times.
"""

from __future__ import annotations

import base64
import dataclasses
import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from gemauth.google.endpoints import GOOGLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["fields"]

# Between two machines, or of the body alone: nobody's decision about the protocol.
_HOP = {"host", "content-length", "connection", "accept-encoding", "transfer-encoding", "cookie"}
_NAMED = (
    (r"[0-9]+-[0-9a-z]+\.apps\.googleusercontent\.com", "(client id)"),
    (r"GOCSPX-[\w-]+", "(client secret)"),
    (r"1//[\w-]+", "(refresh token)"),
    (r"ya29\.[\w.-]+", "(access token)"),
    (r"4/[\w-]+", "(code)"),
    (r"[\w-]+@[\w-]+\.iam\.gserviceaccount\.com", "(service account)"),
    (r"(//(?:127\.0\.0\.1|localhost)):[0-9]+", r"\1:(port)"),
    (r"(?<=projects/)(?!-/)[\w-]+", "(project)"),
)
_VERSIONED = {"user-agent", "x-goog-api-client"}
_VERSIONS = ((r"(?<=google-cloud-sdk gcloud/).*", "…"), (r"(?<=/)[0-9]+(\.[0-9]+)+[\w.+-]*", "*"))
_RANDOM = {"state", "code_challenge", "code_verifier", "nonce"}
# Of APIs with a root only: by the method at the path's end, or the whole path.
_ROOTS = {
    "/v1/token": "sts.googleapis.com",
    "generateAccessToken": str(urlsplit(GOOGLE.iam_credentials).hostname),
    "generateIdToken": str(urlsplit(GOOGLE.iam_credentials).hostname),
    "testIamPermissions": str(urlsplit(GOOGLE.resource_manager).hostname),
    "/v1beta/models": str(urlsplit(GOOGLE.gemini).hostname),
}
_KEY = re.compile(r"[0-9a-f]{40}")


def fields(request: Mapping[str, Any], *, in_browser: bool = False) -> dict[str, str]:
    """Return a request's fields: `verb`, `host`, `path`, `query.…`, `form.…`, `json.…`, `header.…`.

    A request to the emulator's own address has the host that the same call has at Google.
    """
    found = {"verb": request["verb"], "path": _named(request["path"]), "host": _host(request)}
    for name, value in parse_qsl(request["query"], keep_blank_values=True):
        found |= _value(f"query.{name}", value)
    headers = {name.lower(): value for name, value in request["headers"]}
    body: str = request["body"]
    if headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        for name, value in parse_qsl(body, keep_blank_values=True):
            found |= _value(f"form.{name}", value)
    elif body:
        for name, value in json.loads(body).items():
            found[f"json.{name}"] = _named(json.dumps(value))
    for name, value in () if in_browser else headers.items():
        if name not in _HOP:
            found |= _header(name, value)
    return found


def _host(request: Mapping[str, Any]) -> str:
    headers = {name.lower(): value for name, value in request["headers"]}
    host = headers["host"].removesuffix(":443")
    if not host.startswith("127.0.0.1"):
        return str(host)
    for endpoint in (getattr(GOOGLE, field.name) for field in dataclasses.fields(GOOGLE)):
        at = urlsplit(endpoint or "")
        if at.path and at.path == request["path"]:
            return str(at.hostname)
    return next(host for end, host in _ROOTS.items() if request["path"].rpartition(":")[2] == end)


def _value(name: str, value: str) -> dict[str, str]:
    last = name.partition(".")[2]
    if value.count(".") == 2 and value.startswith("ey"):
        return dict(_token(name, value))
    if last == "scope":
        return {name: " ".join(scope.rpartition("/")[2] for scope in value.split())}
    if last in _RANDOM:
        return {name: f"({len(value)} characters)"}
    return {name: _named(value)}


def _header(name: str, value: str) -> dict[str, str]:
    if name != "authorization":
        return {f"header.{name}": _named(value, _VERSIONS) if name in _VERSIONED else value}
    scheme, _, credential = value.partition(" ")
    if credential.startswith("ey"):
        return {f"header.{name}": f"{scheme} (JWT)", **dict(_token("JWT", credential))}
    if scheme == "Basic":
        credential = base64.b64decode(credential).decode()
    return {f"header.{name}": f"{scheme} {_named(credential)}"}


def _token(name: str, token: str) -> Iterator[tuple[str, str]]:
    """Yield a JWT's header and claims, the times by their distance."""
    header, claims, _ = (
        json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))) if number < 2 else {}
        for number, part in enumerate(token.split("."))
    )
    if {"iat", "exp"} <= set(claims):
        claims["exp"] = f"iat + {claims['exp'] - claims['iat']}"
        claims["iat"] = "(now)"
    for part, values in (("header", header), ("claim", claims)):
        for key, value in values.items():
            text = _value(f".{key}", str(value))[f".{key}"]
            yield f"{name}: {part} {key}", "(key id)" if _KEY.fullmatch(text) else text


def _named(text: str, names: Iterable[tuple[str, str]] = _NAMED) -> str:
    for pattern, name in names:
        text = re.sub(pattern, name, text)
    return text
