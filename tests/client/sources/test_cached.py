from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.client.cache.tokens import lookup
from gemauth.client.sources.cached import Remembered, Stored
from gemauth.client.token import AccessToken
from gemauth.flow import Flow, Now
from tests.client.transcript import NOON, play

if TYPE_CHECKING:
    from pathlib import Path


class Counting:
    """Yields a new token at every call, for an hour."""

    def __init__(self) -> None:
        self.calls = 0
        self.fresh: list[bool] = []

    def token(self, *, fresh: bool = False) -> Flow[AccessToken]:
        """Return the next token."""
        self.calls += 1
        self.fresh.append(fresh)
        now: float = yield Now()
        return AccessToken(f"ya29.{self.calls}", now + 3600, ("a",))


def test_memory_keeps_a_token_while_it_is_usable() -> None:
    """One request until 225 s before the end, and another one then."""
    inner = Counting()
    source = Remembered(inner)
    assert [play(source.token(), now=NOON + s).value for s in (0, 1, 3374)] == ["ya29.1"] * 3
    assert play(source.token(), now=NOON + 3375).value == "ya29.2"


def test_fresh_goes_past_every_cache(tmp_path: Path) -> None:
    """After a 401 a new token is asked for, and kept instead of the old one."""
    inner = Counting()
    source = Remembered(Stored(inner, str(tmp_path / "entry")))
    play(source.token())
    assert play(source.token(fresh=True)).value == "ya29.2"
    assert play(source.token()).value == "ya29.2"
    assert inner.fresh == [False, True]


def test_a_file_keeps_it_for_the_next_process(tmp_path: Path) -> None:
    """Another source on the same file asks nobody."""
    place = str(tmp_path / "tokens" / "entry")
    play(Stored(Counting(), place).token())
    second = Counting()
    assert play(Stored(second, place).token()).value == "ya29.1"
    assert second.calls == 0
    assert lookup(place) is not None
    assert play(Stored(second, place).token(), now=NOON + 3400).value == "ya29.1"
    assert second.calls == 1


def test_a_cache_that_cannot_be_written_is_none(tmp_path: Path) -> None:
    """A read-only or broken place costs a request, not the token."""
    (tmp_path / "file").touch()
    inner = Counting()
    source = Stored(inner, str(tmp_path / "file" / "entry"))
    assert play(source.token()).value == "ya29.1"
    assert play(source.token()).value == "ya29.2"


def test_a_first_token_may_be_given() -> None:
    """What is known at the start is not asked for."""
    source = Remembered(Counting(), AccessToken("ya29.0", NOON + 3600))
    assert play(source.token()).value == "ya29.0"
