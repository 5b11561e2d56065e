from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gemauth.client.credentials import Credentials
from gemauth.client.lifetime import DAY, duration, moment, sign_in_life
from gemauth.google.endpoints import GOOGLE
from tests.client.transcript import EMULATOR, NOON

if TYPE_CHECKING:
    from gemauth.google.endpoints import Endpoints


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 seconds"),
        (1, "1 second"),
        (60, "1 minute"),
        (3599, "59 minutes"),
        (3600, "1 hour"),
        (7260, "2 hours 1 minute"),
        (DAY, "1 day"),
        (6 * DAY + 7200, "6 days 2 hours"),
    ],
)
def test_duration(seconds: float, words: str) -> None:
    """The two largest units, and no plural of one."""
    assert duration(seconds) == words


def life(end: float | None, endpoints: Endpoints = GOOGLE) -> str:
    """The words for a sign-in that ends then."""
    source: Any = None
    person = Credentials("authorized_user", source, endpoints, project="demo", refresh_until=end)
    return sign_in_life(person, NOON)


def test_seven_days_are_explained_where_they_may_apply() -> None:
    """A near end gets the rule and the way out of it, on each side; a far one does not."""
    near = life(NOON + 6 * DAY)
    assert near.startswith("6 days left, until ")
    assert "in Testing gets 7 days" in near
    assert "https://console.cloud.google.com/auth/audience?project=demo" in near
    assert "gemauth emulator consent-screen set demo" in life(NOON + DAY, EMULATOR)
    assert "Testing" not in life(NOON + 180 * DAY)


def test_over_and_unknown() -> None:
    """An end that has passed is said to have, and no end is made up."""
    assert life(NOON) == f"Over since {moment(NOON)}."
    assert "No end is known" in life(None)
