"""Browsers: a cookie, the people signed in behind it, and the proof that a form came from it.

The cookie's value is never stored, only its digest. A form's token is an HMAC keyed with the
cookie (RFC 9700 section 4.7 asks for a value bound to the user agent), so another site can neither
read nor make one. Used by the sign-in pages
(`authserver/browser_routes.py`, `browser_reply.py`).
"""

from __future__ import annotations

import hmac
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

from gemauth.emulator.storage.hashing import digest
from gemauth.emulator.storage.records import BrowserSession

if TYPE_CHECKING:
    from gemauth.emulator.storage.store import Transaction

__all__ = [
    "LIFETIME",
    "UNUSED",
    "current",
    "form_token",
    "form_token_is_valid",
    "remember",
    "start",
    "sweep",
]

LIFETIME = 14 * 24 * 3600.0
"""Seconds that a browser stays signed in; ours to choose, Google publishes none."""
UNUSED = 3600.0
"""Seconds that a browser is known before anybody signs in: programs come without cookies, often."""


def start(tx: Transaction, now: float, cookie: str) -> BrowserSession:
    """Keep a new session with nobody signed in; the cookie's value is 256 random bits as text."""
    session = BrowserSession(digest(cookie), (), now + UNUSED)
    tx.add(session)
    return session


def current(tx: Transaction, now: float, cookie: str | None) -> BrowserSession | None:
    """Return the session of a cookie's value, or None where it is unknown or over."""
    session = tx.get(BrowserSession, digest(cookie)) if cookie else None
    return session if session is not None and session.expires_at > now else None


def remember(tx: Transaction, now: float, session: BrowserSession, sub: str) -> BrowserSession:
    """Sign a person in to a session, in the first place of its list."""
    others = (other for other in session.subs if other != sub)
    session = replace(session, subs=(sub, *others), expires_at=now + LIFETIME)
    tx.replace(session)
    return session


def sweep(tx: Transaction, now: float) -> None:
    """Delete the sessions that are over."""
    tx.expire(BrowserSession, now)


def form_token(cookie: str, purpose: str) -> str:
    """Return the token that a form carries, for one purpose of one session."""
    return hmac.new(cookie.encode(), purpose.encode(), sha256).hexdigest()


def form_token_is_valid(cookie: str, purpose: str, token: str) -> bool:
    """Whether a form's token belongs to this session and purpose, compared in constant time."""
    return hmac.compare_digest(form_token(cookie, purpose).encode(), token.encode())
