from __future__ import annotations

import asyncio
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from gemauth.client.cache import lock as module
from gemauth.client.cache.files import make_folders
from gemauth.client.cache.lock import FileLock, Turn, lock_file

HOLD = """
import sys, time
from gemauth.client.cache.lock import FileLock
lock = FileLock(sys.argv[1])
assert lock.acquire()
print("held", flush=True)
time.sleep(60)
"""


FORK_WITH_TURN = """
import os
from gemauth.client.cache.lock import Turn
turn = Turn()
assert turn.acquire(0.0)
child = os.fork()
if child == 0:
    os._exit(0 if turn.acquire(0.0) else 1)
assert os.waitpid(child, 0)[1] == 0
assert not turn.acquire(0.0)
"""

FORK_WITH_LOCK = """
import os, signal, sys, time
from gemauth.client.cache.lock import FileLock
lock = FileLock(sys.argv[1])
assert lock.acquire()
child = os.fork()
if child == 0:
    time.sleep(60)
lock.release()
try:
    assert FileLock(sys.argv[1]).acquire()
finally:
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
"""


def in_line(turn: Turn, number: int) -> None:
    """Wait until so many stand in line."""
    while len(turn._waiting) < number:
        time.sleep(0.001)


class TestTurn:
    """One at a time in this process."""

    def test_it_is_handed_on_in_order(self) -> None:
        """Whoever came first is next; nobody has it together with another."""
        turn, got, held = Turn(), list[int](), list[int]()
        assert turn.acquire(0.0)

        def take(number: int) -> None:
            assert turn.acquire(30.0)
            held.append(number)
            assert len(held) == 1
            got.append(number)
            held.clear()
            turn.release()

        threads = [threading.Thread(target=take, args=(number,)) for number in range(8)]
        for number, thread in enumerate(threads, 1):
            thread.start()
            in_line(turn, number)
        turn.release()
        for thread in threads:
            thread.join()
        assert got == list(range(8))
        assert turn.acquire(0.0)

    def test_everyone_may_be_sent_away(self) -> None:
        """When there is no more to do nobody in line gets it, threads and tasks are told so."""
        turn, had = Turn(), list[bool]()
        assert turn.acquire(0.0)

        async def go() -> None:
            threads = [
                threading.Thread(target=lambda: had.append(turn.acquire(30.0))) for _ in range(4)
            ]
            for thread in threads:
                thread.start()
            tasks = [asyncio.create_task(turn.acquire_async(30.0)) for _ in range(4)]
            await asyncio.to_thread(in_line, turn, 8)
            turn.release(everyone=True)
            had.extend(await asyncio.gather(*tasks))
            for thread in threads:
                thread.join()

        asyncio.run(go())
        assert had == [False] * 8
        assert turn.acquire(0.0)

    def test_patience_ends(self) -> None:
        """Without it the answer is there at once; with it, after it; and nobody stands in line."""
        turn = Turn()
        assert turn.acquire(0.0)
        start = time.monotonic()
        assert not turn.acquire(0.0)
        assert not turn.acquire(0.05)
        assert time.monotonic() - start >= 0.05
        assert not asyncio.run(turn.acquire_async(0.0))
        assert not asyncio.run(turn.acquire_async(0.01))
        turn.release()
        assert asyncio.run(turn.acquire_async(0.0))

    def test_tasks_and_threads_in_one_line(self) -> None:
        """A task waits without a thread, and a thread without a loop, for the same turn."""
        turn, got = Turn(), list[str]()
        assert turn.acquire(0.0)

        async def task(name: str) -> None:
            assert await turn.acquire_async(30.0)
            got.append(name)
            turn.release()

        def thread() -> None:
            assert turn.acquire(30.0)
            got.append("thread")
            turn.release()

        async def go() -> None:
            first = asyncio.create_task(task("first"))
            await asyncio.sleep(0.01)
            other = threading.Thread(target=thread)
            other.start()
            await asyncio.to_thread(in_line, turn, 2)
            second = asyncio.create_task(task("second"))
            await asyncio.sleep(0.01)
            turn.release()
            await asyncio.gather(first, second)
            other.join()

        asyncio.run(go())
        assert got == ["first", "thread", "second"]

    def test_a_cancelled_task_leaves_the_line(self) -> None:
        """Also when its turn came in the same moment: then it hands it on."""
        turn = Turn()
        assert turn.acquire(0.0)

        async def go() -> None:
            waiting = asyncio.create_task(turn.acquire_async(30.0))
            granted = asyncio.create_task(turn.acquire_async(30.0))
            await asyncio.sleep(0.01)
            waiting.cancel()
            await asyncio.sleep(0.01)
            turn.release()
            granted.cancel()
            with pytest.raises(asyncio.CancelledError):
                await granted
            assert await turn.acquire_async(0.0)

        asyncio.run(go())

    def test_ctrl_c_leaves_the_line(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A thread that is interrupted while it waits is not in it any more."""
        turn = Turn()
        assert turn.acquire(0.0)

        def interrupted(*_: object) -> bool:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(threading.Event, "wait", interrupted)
            with pytest.raises(KeyboardInterrupt):
                turn.acquire(30.0)
        turn.release()
        assert turn.acquire(0.0)

    def test_a_loop_that_is_gone(self) -> None:
        """Its task cannot be woken, which the loop says in this way; the next one in line is."""
        turn = Turn()
        assert turn.acquire(0.0)

        def gone() -> None:
            raise RuntimeError("Event loop is closed")

        assert turn._enter(gone, 30.0) is not None  # what a task does before it waits
        turn.release()
        assert turn.acquire(0.0)

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
    def test_a_forked_process_starts_anew(self) -> None:
        """The thread that had the turn is not in the child, which has one of its own."""
        subprocess.run([sys.executable, "-c", FORK_WITH_TURN], check=True)


@pytest.fixture
def path(tmp_path: Path) -> str:
    """Return where the lock file goes, in a folder that is not there yet."""
    return str(tmp_path / "locks" / "a0")


class Holder:
    """Another process that has a lock."""

    def __init__(self, path: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLD, path], stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> subprocess.Popen[str]:
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "held\n"
        return self.process

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


class TestFileLock:
    """One at a time on this machine."""

    def test_one_holder(self, path: str) -> None:
        """Within a process too; who asks again after the release has it, and the file stays."""
        first, second = FileLock(path), FileLock(path)
        assert first.acquire()
        assert not second.acquire()
        assert not asyncio.run(second.acquire_async(5.0))
        inode = Path(path).stat().st_ino
        first.release()
        first.release()
        assert second.acquire()
        second.release()
        assert Path(path).stat().st_ino == inode

    def test_a_holder_that_died(self, path: str) -> None:
        """After kill -9 the kernel has released the lock by the time that the process is gone."""
        with Holder(path) as process:
            lock = FileLock(path)
            assert not lock.acquire()
            process.send_signal(signal.SIGKILL)
            process.wait()
            assert lock.acquire()
            lock.release()

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
    def test_a_child_does_not_keep_it(self, path: str) -> None:
        """A child that was forked while the lock was held has its descriptor, and not the lock."""
        subprocess.run([sys.executable, "-c", FORK_WITH_LOCK, path], check=True)

    @pytest.mark.parametrize("umask", [0o000, 0o077, 0o777])
    def test_it_is_for_its_owner(self, umask: int, path: str) -> None:
        """File 0600 and folder 0700, whatever the umask."""
        before = os.umask(umask)
        try:
            lock = FileLock(path)
            assert lock.acquire()
            lock.release()
        finally:
            os.umask(before)
        assert stat.S_IMODE(Path(path).stat().st_mode) == 0o600
        assert stat.S_IMODE(Path(path).parent.stat().st_mode) == 0o700
        assert Path(path).stat().st_size == 0

    def test_where_none_can_be(self, tmp_path: Path) -> None:
        """No folder can be made, or a link stands in the file's place: nobody is kept waiting."""
        (tmp_path / "file").touch()
        (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
        for path in (tmp_path / "file" / "locks" / "a0", tmp_path / "link"):
            for lock in (FileLock(str(path)), FileLock(str(path))):
                assert lock.acquire()
                lock.release()
        assert not (tmp_path / "elsewhere").exists()

    def test_a_file_system_without_locks(self, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """Some network file systems refuse: then there is no lock, and no descriptor left open."""

        def refuse(_: int) -> None:
            raise OSError(37, "No locks available")

        monkeypatch.setattr(module, "_lock", refuse)
        lock = FileLock(path)
        assert lock.acquire()
        assert lock._descriptor is None
        lock.release()

    def test_two_make_the_file_at_once(self, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """The second one finds it when it wants to make it, and opens it."""

        def late(folder: Path) -> None:
            make_folders(folder)
            Path(path).touch()

        monkeypatch.setattr(module, "make_folders", late)
        lock = FileLock(path)
        assert lock.acquire()
        assert lock._descriptor is not None
        lock.release()


def test_entries_share_256_files() -> None:
    """Two digits of the entry's name, in a folder beside the entries, where nobody tidies up."""
    assert lock_file("/home/ada/.config/gemauth/tokens/a01b") == (
        "/home/ada/.config/gemauth/locks/a0"
    )
