from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING

import pytest

from gemauth.emulator.authority import Authority
from gemauth.errors import DataError
from gemauth.run.folder import run_folder

if TYPE_CHECKING:
    from pathlib import Path


def mode(path: Path) -> int:
    """A file's permission bits."""
    return stat.S_IMODE(path.stat().st_mode)


def test_it_is_its_owners_and_gone_at_the_end() -> None:
    """0700 whatever the umask, secrets 0600, and nothing left, whatever the program put there"""
    before = os.umask(0)
    try:
        with run_folder() as folder:
            assert mode(folder.path) == 0o700
            assert mode(folder.secret("adc.json", {"type": "authorized_user"})) == 0o600
            (folder.path / "gcloud" / "deep").mkdir()
            (folder.path / "gcloud" / "deep" / "file").write_text("x")
    finally:
        os.umask(before)
    assert not folder.path.exists()


def test_it_is_gone_after_an_error_too() -> None:
    """Whatever ends the run"""
    with pytest.raises(KeyboardInterrupt), run_folder() as folder:
        raise KeyboardInterrupt
    assert not folder.path.exists()


def test_a_disk_that_is_full() -> None:
    """It is the machine's fault, and said with the way out (/dev/full refuses every byte)"""
    with run_folder() as folder:
        (folder.path / "ca.pem").symlink_to("/dev/full")
        with pytest.raises(DataError, match="No space left on device") as error:
            folder.trust("ours\n", None, java=False)
    assert "TMPDIR" in str(error.value.next_step)


def test_no_place_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is a folder that cannot be made a defect"""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "absent"))
    with pytest.raises(DataError, match="No such file or directory"), run_folder():
        pass


def test_certificates_that_cannot_be_read(tmp_path: Path) -> None:
    """The file is named, and what names it"""
    with run_folder() as folder, pytest.raises(DataError, match="Is a directory") as error:
        folder.trust("ours\n", tmp_path, java=False)
    assert "SSL_CERT_FILE" in str(error.value.next_step)


def test_trust(tmp_path: Path) -> None:
    """Our certificate alone, with the system's, and for Java only where there is one"""
    system = tmp_path / "system.pem"
    system.write_bytes(b"# \xe9 no UTF-8\ntheirs\n")
    with run_folder() as folder:
        folder.trust("ours\n", system, java=False)
        assert (folder.path / "ca.pem").read_text() == "ours\n"
        assert (folder.path / "bundle.pem").read_text(encoding="utf-8").endswith("\ntheirs\n")
        assert not (folder.path / "truststore.p12").exists()
        ours = Authority().certificate_pem
        folder.trust(ours, None, java=True)
        assert (folder.path / "bundle.pem").read_text() == ours
        assert (folder.path / "truststore.p12").exists()


def test_commands_run_our_modules() -> None:
    """A script in bin/ hands its words on as they are, and the exit code back"""
    with run_folder() as folder:
        folder.command("say", "json.tool", sys.executable)
        script = folder.path / "bin" / "say"
        assert mode(script) == 0o700
        there = folder.secret("it's a file.json", {"a b": "$HOME"})
        ran = subprocess.run([script, "--compact", there], capture_output=True, check=True)
        assert json.loads(ran.stdout) == {"a b": "$HOME"}
        assert subprocess.run([script, "--none"], capture_output=True, check=False).returncode == 2


def test_preloads() -> None:
    """Both are there, and trust what `trust` wrote"""
    with run_folder() as folder:
        folder.preloads(("127.0.0.1", 4711))
        constants = folder.path / "preload" / "python" / "gemauth_constants.py"
        assert str(folder.path / "ca.pem") in constants.read_text()
        assert (folder.path / "preload" / "node" / "preload.cjs").exists()
