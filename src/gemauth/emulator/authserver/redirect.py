"""Where an answer may be sent: the redirect URI rules of desktop and web clients, and the sending.

google-oauth.md section 1.2; RFC 8252 section 7.3 (any port on loopback), RFC 9700 section 4.1
(exact comparison everywhere else). Read by `authorize.py`; `location` and `fields` by the routes.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gemauth.oauth.authorization import AuthorizationResponse

__all__ = ["Fault", "check", "fields", "form_action", "location"]


class Fault(Enum):
    """Why a redirect URI is not accepted."""

    OUT_OF_BAND = auto()
    CREDENTIALS = auto()
    PRIVATE_ADDRESS = auto()
    MISMATCH = auto()


_OUT_OF_BAND = frozenset({"urn:ietf:wg:oauth:2.0:oob", "urn:ietf:wg:oauth:2.0:oob:auto", "oob"})
# The whole URI is matched, in RFC 3986's alphabet and without a fragment: a browser and urlsplit
# can disagree on where the host of anything looser ends (a backslash, a tab, an @).
_LOOPBACK = re.compile(
    r"http://(?:127\.0\.0\.1|localhost|\[::1\])(?::(?P<port>\d{1,5}))?"
    r"(?:[/?][A-Za-z0-9\-._~:/?\[\]@!$&'()*+,;=%]*)?",
    re.ASCII,
)


def check(kind: str, registered: Sequence[str], uri: str) -> Fault | None:
    """Return what is wrong with a redirect URI, or None.

    Args:
        kind: of the client: `desktop`, `web` or `first_party`, which may do what both may.
        registered: the client's own URIs; a desktop client needs none.
        uri: as the request has it.
    """
    if uri in _OUT_OF_BAND:
        return Fault.OUT_OF_BAND
    try:
        parts = urlsplit(uri)
        host = parts.hostname or ""
    except ValueError:
        return Fault.MISMATCH
    if "@" in parts.netloc:
        return Fault.CREDENTIALS
    if _is_private(host):
        return Fault.PRIVATE_ADDRESS
    # What no header can carry was never registered; storage may hold it all the same.
    is_registered = uri in registered and uri.isascii() and uri.isprintable()
    accepted = {
        "desktop": _is_loopback(uri),
        "web": is_registered,
        "first_party": is_registered or _is_loopback(uri),
    }
    return None if accepted[kind] else Fault.MISMATCH


def form_action(uri: str) -> str:
    """Return the sources of a page's `form-action` (CSP3) for a sign-in that ends at a URI.

    Chromium applies the directive to every redirect that follows a form, so beside the redirect
    URI's own origin the whole loopback is allowed: a program's callback often sends its browser
    on to another port. The grammar has no IPv6 addresses (section 2.3.1); for `[::1]` the scheme
    has to do.
    """
    parts = urlsplit(uri)
    own = "http:" if parts.netloc.startswith("[") else f"{parts.scheme}://{parts.netloc}"
    return f"{own} http://127.0.0.1:* http://localhost:* https://localhost:*"


def fields(response: AuthorizationResponse) -> dict[str, str]:
    """Return an answer's parameters, as `response_mode=form_post` posts them."""
    return dict(parse_qsl(urlsplit(response.to_url("")).query, keep_blank_values=True))


def location(uri: str, response: AuthorizationResponse, mode: str | None) -> str:
    """Return the URL that carries an answer in its query or, in mode `fragment`, after the #."""
    if mode == "fragment":
        return f"{uri}#{urlsplit(response.to_url('')).query}"
    return response.to_url(uri)


def _is_loopback(uri: str) -> bool:
    match = _LOOPBACK.fullmatch(uri)
    return match is not None and int(match["port"] or 80) <= 65535


def _is_private(host: str) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return address.is_private and not address.is_loopback
