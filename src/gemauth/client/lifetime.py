"""How long a sign-in and a token still live, in words (google-oauth.md section 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.client.advice import PUBLISH
from gemauth.clock import rfc3339

if TYPE_CHECKING:
    from gemauth.client.credentials import Credentials

__all__ = ["SOON", "TESTING", "duration", "moment", "sign_in_life"]

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
# Google ends sign-ins to External apps in Testing this long after consent.
TESTING = 7 * DAY
# From here on a person is warned: a day's work should not break off in its middle.
SOON = DAY


def duration(seconds: float) -> str:
    """Return a span of time in its two largest units.

    >>> duration(523_000), duration(3599), duration(42)
    ('6 days 1 hour', '59 minutes', '42 seconds')
    """
    if seconds < MINUTE:
        return _count(int(seconds), "second")
    if seconds < HOUR:
        return _count(int(seconds // MINUTE), "minute")
    large, small = (DAY, HOUR) if seconds >= DAY else (HOUR, MINUTE)
    names = ("day", "hour") if seconds >= DAY else ("hour", "minute")
    whole, rest = int(seconds // large), int(seconds % large // small)
    return _count(whole, names[0]) + (f" {_count(rest, names[1])}" if rest else "")


def moment(seconds: float) -> str:
    """Return a moment (epoch seconds) for people, to the second, in UTC."""
    return rfc3339(float(int(seconds))).replace("T", " ").replace("Z", " UTC")


def sign_in_life(credentials: Credentials, now: float) -> str:
    """Return how long a person's sign-in lasts, as far as anybody remembers; one sentence or two.

    The seven days are explained where they may be the reason: where the end is that near.
    """
    end = credentials.refresh_until
    if end is None:
        return "No end is known: until it is revoked, or unused for 6 months."
    if end <= now:
        return f"Over since {moment(end)}."
    left = f"{duration(end - now)} left, until {moment(end)}."
    if end - now > TESTING:
        return left
    more = PUBLISH.on(emulated=credentials.endpoints.is_emulator, project=credentials.project)
    return f"{left} An app in Testing gets 7 days per sign-in. {more}"


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}" + ("" if number == 1 else "s")
