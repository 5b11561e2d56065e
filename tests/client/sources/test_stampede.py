"""Everybody asks at once: real processes, threads and tasks, a real lock file, a slow server."""

from __future__ import annotations

import asyncio
import os
import stat
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import gemauth
from gemauth.client.cache.lock import FileLock, lock_file
from gemauth.client.cache.tokens import lookup
from gemauth.client.flows import exchange
from gemauth.client.transport import Transport
from gemauth.errors import UnreachableError
from gemauth.testing.emulator import EmulatorServer
from tests.client.stampede import Fleet, Machine, MountForbidden, Slow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.client.stampede import Kind

pytestmark = pytest.mark.processes

DELAY = 0.3


@pytest.fixture
def slow() -> Iterator[Slow]:
    """An emulator whose token endpoint takes 0.3 s."""
    with EmulatorServer() as server, Slow(server.address, DELAY) as slow:
        yield slow


@pytest.fixture
def machine(slow: Slow, home: Path) -> Machine:
    """A machine whose token is over."""
    machine = Machine(home, slow)
    machine.expire()
    return machine


@pytest.mark.parametrize("kind", ["threads", "tasks"])
def test_eight_processes_make_one_refresh(machine: Machine, kind: Kind) -> None:
    """32 threads or tasks in each of 8 processes: one request, and all hold its token."""
    with Fleet(machine, processes=8, callers=32, kind=kind) as fleet:
        outcome = fleet.go()
    assert outcome.errors == []
    assert len(outcome.tokens) == 256
    assert len(set(outcome.tokens)) == 1
    assert machine.refreshes() == 1
    assert DELAY < outcome.seconds < DELAY + 5.0  # how much less: benchmarks/stampede.py


@pytest.mark.parametrize("kind", ["own", "tasks"])
def test_one_process_without_a_cache_makes_one_refresh(machine: Machine, kind: Kind) -> None:
    """Where no file can be kept, the callers of one process still share; each had looked for its
    credentials by itself.
    """
    (machine.home / ".config" / "gemauth" / "tokens").rename(machine.home / "away")
    (machine.home / ".config" / "gemauth").chmod(0o700)
    (machine.home / ".config" / "gemauth" / "tokens").touch()
    with Fleet(machine, processes=1, callers=32, kind=kind) as fleet:
        outcome = fleet.go()
    assert (outcome.errors, len(set(outcome.tokens))) == ([], 1)
    assert machine.refreshes() == 1


def test_all_want_a_fresh_one(machine: Machine) -> None:
    """Past every cache, but together: whoever waits for a request takes what it brings.

    Each process asks at most once; most of them find that another one just has.
    """
    with Fleet(machine, processes=4, callers=16, fresh=True) as fleet:
        outcome = fleet.go()
    assert outcome.errors == []
    assert len(outcome.tokens) == 64
    assert machine.refreshes() <= 4


def test_one_refused_token_one_refresh(machine: Machine) -> None:
    """16 threads are answered 401 with the same token, some of them late: one new token."""
    credentials = gemauth.default(environ=machine.environ).credentials
    refused = credentials.token().value
    got: list[str] = []

    def caller(number: int) -> None:
        time.sleep(number * DELAY / 8)  # the last ones come when the first have their new token
        got.append(credentials.token(instead_of=refused).value)

    threads = [threading.Thread(target=caller, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 16
    assert len({*got, refused}) == 2
    assert machine.refreshes() == 2


def test_a_refusal_reaches_all_who_wait(machine: Machine) -> None:
    """A sign-in that is over is refused once, and not once for each caller."""
    body = machine.adc.read_text().replace('"1//emu', '"1//emu-gone')
    machine.adc.write_text(body)
    with Fleet(machine, processes=1, callers=16) as fleet:
        outcome = fleet.go()
    assert len(outcome.errors) == 16
    assert machine.refreshes() == 1


def test_the_loop_goes_on(machine: Machine) -> None:
    """While tasks wait for a token that another process is getting, the event loop is free."""
    lock = FileLock(lock_file(machine.entry))
    assert lock.acquire()

    async def go() -> set[str]:
        credentials = gemauth.default(environ=machine.environ).credentials
        callers = [asyncio.create_task(credentials.token_async()) for _ in range(32)]
        start = time.monotonic()
        for _ in range(50):
            await asyncio.sleep(0.005)
        assert time.monotonic() - start < 5.0  # they are ready to wait for 10 s
        assert not any(caller.done() for caller in callers)
        lock.release()
        return {token.value for token in await asyncio.gather(*callers)}

    assert len(asyncio.run(go())) == 1
    assert machine.refreshes() == 1


def test_a_cancelled_leader(machine: Machine) -> None:
    """The task that asks is cancelled in the middle of it: another one takes over."""

    async def go() -> str:
        credentials = gemauth.default(environ=machine.environ).credentials
        leader = asyncio.create_task(credentials.token_async())
        await asyncio.sleep(DELAY / 3)
        others = [asyncio.create_task(credentials.token_async()) for _ in range(8)]
        await asyncio.sleep(0)
        leader.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leader
        tokens = {token.value for token in await asyncio.gather(*others)}
        assert len(tokens) == 1
        return tokens.pop()

    token = asyncio.run(go())
    found = lookup(machine.entry)
    assert found is not None
    assert found.value == token
    assert machine.refreshes() == 2


def test_threads_and_loops_together(machine: Machine) -> None:
    """Threads, and tasks of two event loops, share one refresh of the same credentials."""
    credentials = gemauth.default(environ=machine.environ).credentials
    got: list[str] = []

    def threads() -> None:
        got.append(credentials.token().value)

    def loop() -> None:
        async def go() -> None:
            tokens = await asyncio.gather(*[credentials.token_async() for _ in range(8)])
            got.extend(token.value for token in tokens)

        asyncio.run(go())

    callers = [threading.Thread(target=target) for target in (threads, loop, loop, threads)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert len(got) == 18
    assert len(set(got)) == 1
    assert machine.refreshes() == 1


def test_renewed_while_it_is_used(machine: Machine) -> None:
    """Five minutes before its end the old token is returned without a wait, and soon a new one."""
    from gemauth.client.cache.tokens import store
    from gemauth.client.token import AccessToken

    now = time.time()
    store(machine.entry, AccessToken("ya29.emu-old", now + 280, (), now - 3320))
    credentials = gemauth.default(environ=machine.environ).credentials
    with Transport({}) as transport:
        start = time.perf_counter()
        assert credentials.token(transport=transport).value == "ya29.emu-old"
        # the first call of a process has to read the file, and reads the token from it
        assert credentials.token(transport=transport).value == "ya29.emu-old"
        assert time.perf_counter() - start < DELAY
        while credentials.token(transport=transport).value == "ya29.emu-old":
            time.sleep(0.01)
    while (kept := lookup(machine.entry)) is None or kept.value == "ya29.emu-old":
        time.sleep(0.01)
    assert machine.refreshes() == 1


def test_a_server_that_is_busy(
    machine: Machine, slow: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """503: asked three times in all by one caller, and the others hear what came of it."""
    monkeypatch.setattr(exchange, "BACKOFF", (0.1, 0.1))
    slow.delay, slow.status = 0.0, 503
    credentials = gemauth.default(environ=machine.environ).credentials
    errors: list[str] = []

    def caller() -> None:
        with pytest.raises(gemauth.GemauthError) as caught:
            credentials.token()
        errors.append(str(caught.value))

    threads = [threading.Thread(target=caller) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(errors)) == 1
    assert slow.requests == 3


class TestBadHomes:
    """What a home may be like, and that a token comes of it all the same."""

    def test_no_home(self, machine: Machine) -> None:
        """Without HOME there is no cache, and a named file is all that is needed."""
        environ = {"GEMAUTH_EMULATOR": machine.address}
        found = gemauth.load(machine.adc, environ=environ).credentials
        assert found.token().value == found.token().value
        assert machine.refreshes() == 1

    @pytest.mark.parametrize("options", ["ro", "size=16k", "size=16k,nr_inodes=3"])
    def test_a_home_on_a_real_file_system(self, machine: Machine, options: str) -> None:
        """Read-only, full, or without an inode left: one request for all in a process, and a token.

        In a mount namespace of its own, where this machine permits it.
        """
        try:
            with Fleet(machine, processes=1, callers=8, kind="own", mount=options) as fleet:
                outcome = fleet.go()
        except MountForbidden:
            pytest.skip("no mount namespaces here")
        assert (outcome.errors, len(set(outcome.tokens))) == ([], 1)
        assert machine.refreshes() == 1

    def test_a_home_elsewhere(self, machine: Machine, tmp_path: Path) -> None:
        """A cache folder that is a symbolic link, as people's dotfiles often are."""
        ours = machine.home / ".config" / "gemauth"
        ours.rename(tmp_path / "elsewhere")
        ours.symlink_to(tmp_path / "elsewhere")
        with Fleet(machine, processes=2, callers=2) as fleet:
            assert len(set(fleet.go().tokens)) == 1
        assert machine.refreshes() == 1
        assert len([*(tmp_path / "elsewhere" / "tokens").iterdir()]) == 1

    def test_a_corrupt_entry(self, machine: Machine) -> None:
        """It is as none, and is overwritten."""
        Path(machine.entry).write_bytes(b"gemauth access token 2\n99999999999\n\xff\xfe")
        with Fleet(machine, processes=2, callers=2) as fleet:
            assert len(set(fleet.go().tokens)) == 1
        assert lookup(machine.entry) is not None
        assert machine.refreshes() == 1

    @pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o777])
    def test_any_umask(self, machine: Machine, umask: int) -> None:
        """Files 0600 and folders 0700, all that the cache makes."""
        ours = machine.home / ".config" / "gemauth"
        for path in sorted(ours.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        ours.rmdir()
        before = os.umask(umask)
        try:
            gemauth.default(environ=machine.environ).credentials.token()
        finally:
            os.umask(before)
        modes = {
            path.relative_to(ours).parts[:1]: stat.S_IMODE(path.stat().st_mode)
            for path in (ours, *ours.iterdir())
        }
        assert modes == {(): 0o700, ("tokens",): 0o700, ("locks",): 0o700}
        files = [path for path in ours.rglob("*") if path.is_file()]
        assert len(files) == 2
        assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


class TestBadHolders:
    """A process that has the lock and does not go on."""

    def test_it_was_killed(self, machine: Machine) -> None:
        """Kill -9 in the middle of a refresh whoever waits has the lock at once, and asks."""
        with Fleet(machine, processes=1, callers=1) as first:
            process = first._processes[0]
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
            lock = FileLock(lock_file(machine.entry))
            while lock.acquire():
                lock.release()
                time.sleep(0.001)
            process.kill()
            start = time.perf_counter()
            token = gemauth.default(environ=machine.environ).credentials.token()
            assert time.perf_counter() - start < DELAY + 3.0
        assert token.usable(time.time())

    def test_it_hangs(self, machine: Machine) -> None:
        """After a limit the others ask by themselves: the first to do so serves the rest."""
        from gemauth.client.sources import cached

        lock = FileLock(lock_file(machine.entry))
        assert lock.acquire()
        credentials = gemauth.default(environ=machine.environ).credentials
        assert isinstance(credentials.source, cached.Stored)
        assert credentials.source._patience == 10.0
        credentials.source._patience = 0.5  # nobody waits for ten seconds here
        got: list[str] = []

        def caller() -> None:
            got.append(credentials.token().value)

        threads = [threading.Thread(target=caller) for _ in range(8)]
        start = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert time.perf_counter() - start >= 0.5
        lock.release()
        assert len(set(got)) == 1
        assert machine.refreshes() == 1
        found = lookup(machine.entry)
        assert found is not None
        assert found.value == got[0]


def test_the_server_hangs(machine: Machine, slow: Slow) -> None:
    """A request that takes for ever ends with the transport's time-out, for all who waited."""
    slow.delay = 3.0
    credentials = gemauth.default(environ=machine.environ).credentials
    with Transport({}, timeout=0.3) as transport, pytest.raises(UnreachableError, match=r"0\.3"):
        credentials.token(transport=transport)
