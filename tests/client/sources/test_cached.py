from __future__ import annotations

import os
from pathlib import Path

import pytest

from gemauth.client.cache import tokens
from gemauth.client.cache.lock import FileLock, lock_file
from gemauth.client.cache.tokens import lookup
from gemauth.client.sources.cached import Remembered, Stored
from gemauth.client.token import AccessToken, TokenCache
from gemauth.errors import CredentialError, DataError, UnreachableError
from gemauth.flow import Acquire, Disk, Flow, Now, Spawn, Step, Wait
from tests.client.transcript import NOON, play

DOWN = UnreachableError("The server is down.")


class Counting:
    """Yields a new token at every call, for an hour; or fails."""

    def __init__(self, prefix: str = "ya29", life: float | None = 3600) -> None:
        self.prefix = prefix
        self.life = life
        self.calls = 0
        self.fresh: list[bool] = []
        self.error: Exception | None = None

    def token(self, *, fresh: bool = False) -> Flow[AccessToken]:
        """Return the next token."""
        self.calls += 1
        self.fresh.append(fresh)
        now: float = yield Now()
        if self.error is not None:
            raise self.error
        end = None if self.life is None else now + self.life
        return AccessToken(f"{self.prefix}.{self.calls}", end, ("a",), now)


@pytest.fixture
def place(tmp_path: Path) -> str:
    """Return where an entry goes."""
    return str(tmp_path / "tokens" / "a0b1")


def elsewhere(place: str) -> Stored:
    """Return a source of another process: it shares the file, and nothing in memory."""
    from gemauth.client.sources import cached

    ours = dict(cached._entries)
    cached._entries.clear()
    other = Stored(Counting("theirs"), place)
    cached._entries.clear()
    cached._entries.update(ours)
    return other


def test_memory_keeps_a_token_while_it_is_usable() -> None:
    """One request until 225 s before the end, and another one then."""
    inner = Counting()
    source = Remembered(inner)
    assert [play(source.token(), now=NOON + s).value for s in (0, 1, 3299)] == ["ya29.1"] * 3
    assert play(source.token(), now=NOON + 3375).value == "ya29.2"
    assert inner.calls == 2


def test_fresh_goes_past_every_cache(place: str) -> None:
    """A new token is asked for, and kept instead of the old one."""
    inner = Counting()
    source = Remembered(Stored(inner, place))
    play(source.token())
    assert play(source.token(fresh=True)).value == "ya29.2"
    assert play(source.token()).value == "ya29.2"
    assert inner.fresh == [False, True]


def test_a_file_keeps_it_for_the_next_process(place: str) -> None:
    """Another source on the same file asks nobody."""
    play(Stored(Counting(), place).token())
    second = Counting()
    assert play(Stored(second, place).token()).value == "ya29.1"
    assert second.calls == 0
    assert lookup(place) is not None
    assert play(Stored(second, place).token(), now=NOON + 3400).value == "ya29.1"
    assert second.calls == 1


def test_a_first_token_may_be_given() -> None:
    """What is known at the start is not asked for."""
    source = Remembered(Counting(), AccessToken("ya29.0", NOON + 3600))
    assert play(source.token()).value == "ya29.0"


def test_sources_of_one_entry_share_a_memory(place: str) -> None:
    """A program that looks for its credentials twice has one token, also without a file."""
    first, second = Stored(Counting(), place), Stored(Counting("other"), place)
    play(first.token())
    Path(place).unlink()
    assert play(second.token()).value == "ya29.1"


class TestAhead:
    """A token that is good still is returned at once, and renewed meanwhile."""

    def test_it_is_renewed_in_the_background(self, place: str) -> None:
        """From 300 s before the end; by one caller, in a flow of its own."""
        source = Stored(Counting(), place)
        play(source.token())
        assert play(source.token(), now=NOON + 3299).value == "ya29.1"
        spawned: list[Flow[None]] = []

        def keep(step: Step) -> None:
            assert isinstance(step, Spawn)
            spawned.append(step.flow)

        assert play(source.token(), (Spawn, keep), now=NOON + 3301).value == "ya29.1"
        assert play(source.token(), now=NOON + 3302).value == "ya29.1"
        play(spawned[0], now=NOON + 3302)
        assert play(source.token(), now=NOON + 3302).value == "ya29.2"
        found = lookup(place)
        assert found is not None
        assert found.value == "ya29.2"

    def test_a_failure_is_silent(self) -> None:
        """The token is good still; after half a minute somebody tries again."""
        inner = Counting()
        source = Remembered(inner)
        play(source.token())
        inner.error = DOWN

        def fail(step: Step) -> None:
            assert isinstance(step, Spawn)
            play(step.flow, now=NOON + 3301)

        assert play(source.token(), (Spawn, fail), now=NOON + 3301).value == "ya29.1"
        assert play(source.token(), now=NOON + 3330).value == "ya29.1"
        assert play(source.token(), (Spawn, fail), now=NOON + 3331).value == "ya29.1"
        assert inner.calls == 3

    def test_somebody_else_is_at_it(self, place: str) -> None:
        """In this process or another: the background has nothing to do, and waits for nobody."""
        source = Stored(Counting(), place)
        play(source.token())

        def busy(step: Step) -> None:
            assert isinstance(step, Spawn)
            play(step.flow, (Acquire, False), now=NOON + 3301)

        play(source.token(), (Spawn, busy), now=NOON + 3301)

        def locked(step: Step) -> None:
            assert isinstance(step, Spawn)
            lock = FileLock(lock_file(place))
            assert lock.acquire()
            play(step.flow, now=NOON + 3341)
            lock.release()

        assert play(source.token(), (Spawn, locked), now=NOON + 3341).value == "ya29.1"

    def test_another_process_has_renewed_it(self, place: str) -> None:
        """Its token is taken from the file."""
        inner = Counting()
        source = Stored(inner, place)
        play(source.token())
        play(elsewhere(place).token(fresh=True), now=NOON + 3200)

        def renew(step: Step) -> None:
            assert isinstance(step, Spawn)
            play(step.flow, now=NOON + 3310)

        play(source.token(), (Spawn, renew), now=NOON + 3310)
        assert play(source.token(), now=NOON + 3310).value == "theirs.1"
        assert inner.calls == 1


class TestNearTheEnd:
    """From 225 to 30 s before its end a token serves those who need not wait."""

    def test_the_first_one_renews_it(self) -> None:
        """And waits for the answer; whoever comes meanwhile gets the token as it is."""
        source = Remembered(Counting())
        play(source.token())
        first = source.token()
        assert isinstance(next(first), Now)
        assert isinstance(first.send(NOON + 3400), Acquire)
        assert play(source.token(), (Acquire, False), now=NOON + 3400).value == "ya29.1"
        first.close()
        assert play(source.token(), now=NOON + 3400).value == "ya29.2"

    @pytest.mark.parametrize("error", [DOWN, CredentialError("revoked")])
    def test_a_failure_is_silent_still(self, error: Exception) -> None:
        """Nobody tries again for half a minute; 30 s before the end the failure is told."""
        inner = Counting()
        source = Remembered(inner)
        play(source.token())
        inner.error = error
        for seconds in (3400, 3401, 3429):
            assert play(source.token(), now=NOON + seconds).value == "ya29.1"
        assert inner.calls == 2
        assert play(source.token(), now=NOON + 3430).value == "ya29.1"
        assert inner.calls == 3
        with pytest.raises(type(error)):
            play(source.token(), now=NOON + 3570)

    def test_in_a_new_process(self, place: str) -> None:
        """The token in the file serves as the one in memory does."""
        play(Stored(Counting(), place).token())
        source = Stored(down := Counting(), place)
        down.error = DOWN
        assert play(source.token(), now=NOON + 3400).value == "ya29.1"
        with pytest.raises(UnreachableError):
            play(source.token(fresh=True), now=NOON + 3400)
        lock = FileLock(lock_file(place))
        assert lock.acquire()
        assert play(elsewhere(place).token(), now=NOON + 3400).value == "ya29.1"
        lock.release()


class TestTogether:
    """Callers that wait for an attempt share its outcome."""

    def test_its_token(self) -> None:
        """Also one that is not usable for as long as we like, or of unknown end."""
        inner = Counting(life=None)
        source = Remembered(inner)
        meanwhile: list[AccessToken] = []

        def wait(step: Step) -> bool:
            assert isinstance(step, Acquire)
            assert step.patience == 30.0
            meanwhile.append(play(source.token()))  # who has the turn before us
            return step.lock.acquire(0.0)

        assert play(source.token(), (Acquire, wait)) == meanwhile[0]
        assert play(source.token(fresh=True), (Acquire, wait)) == meanwhile[1]
        assert inner.calls == 2

    def test_its_failure(self) -> None:
        """One refusal is told to all who waited for it; who comes later asks for himself."""
        inner = Counting()
        inner.error = CredentialError("revoked")
        source = Remembered(inner)

        def wait(step: Step) -> bool:
            assert isinstance(step, Acquire)
            with pytest.raises(CredentialError):
                play(source.token())
            return step.lock.acquire(0.0)

        with pytest.raises(CredentialError):
            play(source.token(), (Acquire, wait))
        assert inner.calls == 1
        inner.error = None
        assert play(source.token()).value == "ya29.2"

    def test_what_the_file_had(self, place: str) -> None:
        """One caller has looked; the others do not look again."""
        source = Stored(Counting(), place)
        play(elsewhere(place).token())

        def wait(step: Step) -> bool:
            assert isinstance(step, Acquire)
            assert play(source.token()).value == "theirs.1"
            return step.lock.acquire(0.0)

        assert play(source.token(), (Acquire, wait)).value == "theirs.1"

    def test_whoever_gave_up_counts_for_nothing(self) -> None:
        """A caller that is cancelled in the middle of it leaves the attempt to the next one."""
        source = Remembered(Counting())
        first = source.token()
        next(first)
        step = first.send(NOON)
        assert isinstance(step, Acquire)
        first.send(step.lock.acquire(0.0))
        first.close()
        assert play(source.token()).value == "ya29.1"

    def test_a_turn_that_does_not_come(self) -> None:
        """After its patience a caller asks for itself, and takes nobody's turn away."""
        source = Remembered(Counting(), patience=1.0)
        first = source.token()
        next(first)
        step = first.send(NOON)
        assert isinstance(step, Acquire)
        first.send(step.lock.acquire(0.0))
        assert play(source.token(), (Acquire, False)).value == "ya29.1"
        assert not step.lock.acquire(0.0)


class TestProcesses:
    """One process asks, the others read what it stores."""

    def test_waiting_for_another_process(self, place: str) -> None:
        """Longer and longer pauses, spread by chance; then its token, without a request."""
        inner, pauses = Counting(), list[tuple[float, float]]()
        lock = FileLock(lock_file(place))
        assert lock.acquire()

        def pause(step: Step) -> None:
            assert isinstance(step, Wait)
            pauses.append((step.seconds, step.spread))
            if len(pauses) == 9:
                tokens.store(place, AccessToken("theirs.1", NOON + 3600))

        found = play(Stored(inner, place).token(), *[(Wait, pause)] * 9)
        assert found.value == "theirs.1"
        assert inner.calls == 0
        assert pauses[0] == (0.002, 0.001)
        assert pauses[-1] == (0.008, 0.004)
        lock.release()

    @pytest.mark.parametrize("fresh", [False, True])
    def test_a_holder_that_hangs(self, place: str, *, fresh: bool) -> None:
        """After its patience a process asks by itself, and stores what it got for the others."""
        lock = FileLock(lock_file(place))
        assert lock.acquire()
        source = Stored(Counting(), place, patience=0.02)
        waits = [(Wait, None)] * 5  # 2 + 3 + 4.5 + 6.8 + 10 ms
        assert play(source.token(fresh=fresh), *waits).value == "ya29.1"
        lock.release()
        assert play(elsewhere(place).token()).value == "ya29.1"

    def test_a_holder_that_failed(self, place: str) -> None:
        """Its lock is free and there is no token: the next process asks."""
        lock = FileLock(lock_file(place))
        assert lock.acquire()

        def release(_: Step) -> None:
            lock.release()

        assert play(Stored(Counting(), place).token(), (Wait, release)).value == "ya29.1"

    def test_stored_between_a_look_and_the_lock(self, place: str) -> None:
        """Whoever gets the lock looks again before it asks."""
        inner = Counting()

        def store(step: Step) -> bool:
            tokens.store(place, AccessToken("theirs.1", NOON + 3600))
            assert isinstance(step, Acquire)
            return step.lock.acquire(0.0)

        lines = [(Acquire, True), (Disk, None), (Acquire, store)]
        assert play(Stored(inner, place).token(), *lines).value == "theirs.1"
        assert inner.calls == 0

    def test_two_who_want_a_fresh_one(self, place: str) -> None:
        """A token that another process got while we waited for its lock is fresh for us too."""
        inner = Counting()
        source = Stored(inner, place)
        play(source.token())
        lock = FileLock(lock_file(place))
        assert lock.acquire()

        def store(_: Step) -> None:
            tokens.store(place, AccessToken("theirs.1", NOON + 3600))
            lock.release()

        assert play(source.token(fresh=True), (Wait, store)).value == "theirs.1"
        assert inner.calls == 1


class TestRefused:
    """A token that a server refused is not yielded again, whatever its end."""

    def test_one_new_token_for_all_who_had_it(self, place: str) -> None:
        """In this process and in others: the second one finds what the first one got."""
        here, there = Stored(inner := Counting(), place), elsewhere(place)
        assert play(here.token()) == play(there.token())
        for source in (here, here, there):
            source.reject("ya29.1")
            assert play(source.token()).value == "ya29.2"
        assert inner.calls == 2
        assert isinstance(here, TokenCache)

    def test_a_late_refusal_of_an_older_token(self) -> None:
        """Whoever was refused the token before the last one gets the last one."""
        source = Remembered(Counting())
        play(source.token())
        play(source.token(fresh=True))
        source.reject("ya29.1")
        assert play(source.token()).value == "ya29.2"

    def test_no_new_one(self) -> None:
        """A refused token does not serve while no other can be had."""
        source = Remembered(inner := Counting())
        play(source.token())
        source.reject("ya29.1")
        inner.error = DOWN
        with pytest.raises(UnreachableError):
            play(source.token(), now=NOON + 3400)

    def test_caches_in_caches(self, place: str) -> None:
        """A refusal reaches the innermost."""
        source = Remembered(Stored(Counting(), place))
        play(source.token())
        source.reject("ya29.1")
        assert play(source.token()).value == "ya29.2"


class TestNoPlace:
    """A cache that cannot be used costs requests, and nothing else."""

    def test_it_cannot_be_written(self, tmp_path: Path) -> None:
        """The token is there all the same, and in memory for the next caller."""
        (tmp_path / "file").touch()
        source = Stored(Counting(), str(tmp_path / "file" / "a0b1"))
        assert play(source.token()).value == "ya29.1"
        assert play(source.token()).value == "ya29.1"

    def test_the_disk_is_full(self, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """Nothing is left of what could not be written."""

        def full(_: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        assert play(Stored(Counting(), place).token()).value == "ya29.1"
        assert list(Path(place).parent.iterdir()) == []

    @pytest.mark.parametrize("content", [b"", b"garbage", b"\xff" * 5000])
    def test_an_entry_that_cannot_be_read(self, content: bytes, place: str) -> None:
        """It is overwritten by a good one."""
        Path(place).parent.mkdir()
        Path(place).write_bytes(content)
        assert play(Stored(Counting(), place).token()).value == "ya29.1"
        assert play(elsewhere(place).token()).value == "ya29.1"

    def test_a_folder_that_is_a_link(self, place: str, tmp_path: Path) -> None:
        """People keep their configuration elsewhere: the token is kept there, for its owner."""
        real = tmp_path / "real"
        real.mkdir()
        Path(place).parent.symlink_to(real)
        assert play(Stored(Counting(), place).token()).value == "ya29.1"
        assert play(elsewhere(place).token()).value == "ya29.1"
        assert (real / "a0b1").stat().st_mode & 0o777 == 0o600

    def test_an_entry_that_is_a_folder(self, place: str) -> None:
        """It is left alone."""
        Path(place).mkdir(parents=True)
        assert play(Stored(Counting(), place).token()).value == "ya29.1"
        with pytest.raises(DataError):
            tokens.store(place, AccessToken("ya29.x", NOON))

    def test_a_clock_that_was_set_back(self, place: str) -> None:
        """A token from the future is not believed, in memory or in the file."""
        source = Stored(Counting(), place)
        assert play(source.token(), now=NOON + 86_400).value == "ya29.1"
        assert play(elsewhere(place).token(), now=NOON).value == "theirs.1"
        assert play(source.token(), now=NOON).value == "theirs.1"
