"""A sign-in done without a browser: the address an app shows, to the redirect it waits for.

Programs show Google's authorization URL; the emulator has the same pages, so the URL is moved
there, a `Person` walks them, and the redirect goes to the app's loopback listener. Read by
`browser.py`, `gemauth emulator authorize` and the stand-in for gcloud. RFC 8252 section 7.3,
google-oauth.md sections 1 and 7.1.
"""

from __future__ import annotations

import time
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, urljoin, urlsplit, urlunsplit

from gemauth import http
from gemauth.errors import UsageError
from gemauth.google.endpoints import GOOGLE
from gemauth.google.hosts import serves
from gemauth.http import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

__all__ = [
    "GCLOUD_REDIRECT",
    "answer",
    "at_emulator",
    "deliver",
    "is_loopback",
    "page_of",
    "redirect_uri_of",
    "unwrap",
    "without_query",
]

GCLOUD_REDIRECT = "http://localhost:8085/"
"""Where gcloud listens first; the URL that it prints for `--no-browser` names no address."""

_GOOGLES = urlsplit(GOOGLE.authorization).netloc
_PATHS = ("/o/oauth2/auth", "/o/oauth2/v2/auth")
_MOST_REDIRECTS = 5
_MOST_BYTES = 2**20
_TIMEOUT = 30.0  # seconds, for each answer of the app
_PAUSE = 0.1


def unwrap(text: str) -> str:
    """Return the URL in what gcloud prints for `--no-browser`: a command with the URL in quotes.

    Any other text is returned as it is, without white space around it.
    """
    _, bootstrap, rest = text.partition("--remote-bootstrap=")
    return (rest if bootstrap else text).strip().strip("\"'")


def at_emulator(url: str, address: str) -> str | None:
    """Return an authorization URL moved to the emulator at `address`; None where it is no such URL.

    Args:
        url: Google's, or the emulator's own by any loopback name.
        address: such as `http://127.0.0.1:8085`.
    """
    try:
        parts, home = urlsplit(url), urlsplit(address)
        own = (parts.scheme, parts.port) == ("http", home.port) and parts.hostname in LOOPBACK
    except ValueError:  # a port beyond 65535, an IPv6 address without its end
        return None
    googles = (parts.scheme, parts.netloc) == ("https", _GOOGLES) and serves(_GOOGLES, parts.path)
    if not (own or googles) or parts.path not in _PATHS:
        return None
    return urlunsplit((home.scheme, home.netloc, parts.path, parts.query, ""))


def answer(
    url: str,
    email: str,
    address: str,
    *,
    redirect_uri: str = GCLOUD_REDIRECT,
    untick: Collection[str] = (),
    decline: bool = False,
) -> str:
    """Sign in as somebody and return the redirect URL: it holds the code, so it is a secret.

    A URL without `redirect_uri` is one of gcloud's `--remote-bootstrap`: its helper adds the
    address at which it listens, and gcloud takes that from the answer that is pasted back.

    Args:
        url: the authorization URL that the app shows.
        email: who signs in.
        address: the emulator's.
        redirect_uri: what a URL without one gets.
        untick: scopes, by full or short names, that the person leaves out.
        decline: press Cancel.

    Raises:
        UsageError: the URL is no sign-in page of this emulator.
        SignInBlockedError: the sign-in ended on a page.
        UnreachableError: nothing answered, or not with the emulator's pages.
    """
    from gemauth.run.person import Person  # 20 ms that the browser's first process need not pay

    page = page_of(url, address, redirect_uri)
    return Person(email).consent(page, untick=untick, decline=decline)


def page_of(url: str, address: str, redirect_uri: str = GCLOUD_REDIRECT) -> str:
    """Return the emulator's page for an authorization URL that an app shows.

    Args:
        url: the app's.
        address: the emulator's.
        redirect_uri: what a URL without one gets.

    Raises:
        UsageError: the URL is no sign-in page of this emulator.
    """
    page = at_emulator(url, address)
    if page is None:
        raise UsageError(
            f"{without_query(url)} is no sign-in page that the emulator has.",
            next_step=f"Give the whole https://{_GOOGLES}/o/oauth2/… address that the app shows.",
        )
    if redirect_uri_of(page) is not None:
        return page
    parts = urlsplit(page)
    more = f"redirect_uri={quote(redirect_uri, safe='')}"
    return parts._replace(query=f"{parts.query}&{more}" if parts.query else more).geturl()


def redirect_uri_of(url: str) -> str | None:
    """Return where an authorization URL says that its answer goes."""
    return next(iter(parse_qs(urlsplit(url).query).get("redirect_uri", ())), None)


def is_loopback(url: str) -> bool:
    """Whether a redirect goes to a listener on this machine, as those of desktop apps do."""
    try:
        parts = urlsplit(url)
        return parts.scheme == "http" and parts.hostname in LOOPBACK and parts.port != 0
    except ValueError:
        return False


def deliver(
    url: str,
    *,
    patience: float = 0.0,
    now: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> bool:
    """Open a loopback redirect as the browser would; False where nothing listens there.

    Redirects of the app itself are followed while they stay on this machine.

    Args:
        url: the redirect URL.
        patience: seconds to wait for a listener: some apps open the browser before they listen.
        now: tells the seconds of a clock that only goes forward.
        sleep: lets seconds pass.

    Raises:
        UsageError: the URL leaves this machine.
    """
    if not is_loopback(url):
        raise UsageError(f"{without_query(url)} is not on this machine, and no redirect leaves it.")
    until = now() + patience
    while (connection := _connect(url)) is None:
        if now() >= until:
            return False
        sleep(_PAUSE)
    for _ in range(_MOST_REDIRECTS):
        location = _get(connection, url)
        following = _connect(location) if location is not None and is_loopback(location) else None
        if location is None or following is None:
            return True
        url, connection = location, following
    connection.close()
    return True


def _connect(url: str) -> HTTPConnection | None:
    """Return a connection to a loopback URL's listener, or None where nobody listens."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port or 80, timeout=_TIMEOUT)
    try:
        connection.connect()
    except OSError:
        return None
    return connection


def _get(connection: HTTPConnection, url: str) -> str | None:
    """Return where a page redirects to, or None; the connection is closed."""
    parts = urlsplit(url)
    target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    try:
        connection.request("GET", target, headers={"Accept": "text/html", "Connection": "close"})
        reply = connection.getresponse()
        reply.read(_MOST_BYTES)
        location = reply.getheader("Location") if 300 <= reply.status < 400 else None
        return None if location is None else urljoin(url, location)
    except (OSError, HTTPException):
        return None  # it took the request and hung up: what it does with the code is its own
    finally:
        connection.close()


def without_query(url: str) -> str:
    """Return a URL as a message may show it: its query may hold a code."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "This text"
    return http.without_query(url) if parts.netloc else "This text"
