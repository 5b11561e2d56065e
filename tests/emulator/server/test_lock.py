from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from gemauth.emulator.server import lock
from gemauth.emulator.server.lock import FolderInUseError
from gemauth.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


def test_a_folder_is_locked_by_one(tmp_path: Path) -> None:
    """While one holds the lock nobody else gets it; afterwards anybody does"""
    folder = tmp_path / "data"
    assert not lock.held(folder)
    with lock.locked(folder):
        assert lock.held(folder)
        with pytest.raises(FolderInUseError, match="Another emulator runs on"), lock.locked(folder):
            pass
    assert not lock.held(folder)
    with lock.locked(folder):
        pass


def test_the_kernel_lets_go_of_a_killed_processs_lock(tmp_path: Path) -> None:
    """A process that is killed leaves no lock behind, though its file stays"""
    code = (
        "import sys\nfrom pathlib import Path\nfrom gemauth.emulator.server import lock\n"
        "with lock.locked(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        assert lock.held(tmp_path)
        process.kill()
        process.wait()
        assert not lock.held(tmp_path)
    assert (tmp_path / lock.FILE).exists()


def test_a_folder_that_cannot_be_made_is_a_usage_error(tmp_path: Path) -> None:
    """A data folder below a file cannot be, and the error says so"""
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="cannot be a data folder"), lock.locked(tmp_path / "file"):
        pass
