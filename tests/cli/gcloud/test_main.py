"""Errors, exit codes, help, and the process itself."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from gemauth.cli.gcloud.main import COMMANDS
from gemauth.run import consent
from tests.cli.gcloud.conftest import ADA, SCOPES, Gcloud

if TYPE_CHECKING:
    from collections.abc import Callable

LOGIN = ("auth", "application-default", "login")
MODULE = [sys.executable, "-P", "-m", "gemauth.cli.gcloud"]


class TestErrors:
    @pytest.mark.parametrize(
        ("words", "where"),
        [
            (["projects", "list"], "gcloud"),
            (["auth", "application-default", "foo"], "gcloud.auth.application-default"),
            ([*LOGIN, "--bogus"], "gcloud.auth.application-default.login"),
            ([], "gcloud"),
        ],
    )
    def test_what_is_not_understood(self, gcloud: Gcloud, words: list[str], where: str) -> None:
        """Exit code 2, the place, what is understood, and how to have the real gcloud."""
        assert gcloud(*words) == 2
        assert gcloud.err.startswith(f"ERROR: ({where}) ")
        assert "--gcloud=system" in gcloud.err
        assert gcloud.out == ""

    def test_what_fails(self, gcloud: Gcloud) -> None:
        """Exit code 1, whatever gemauth's own would be."""
        assert gcloud("auth", "application-default", "print-access-token") == 1
        assert gcloud(*LOGIN, GEMAUTH_EMULATOR="https://example.com") == 1
        assert gcloud(*LOGIN, "--no-browser", GEMAUTH_EMULATOR="http://127.0.0.1:1") == 1

    def test_a_defect_is_told_and_has_no_traceback(
        self, gcloud: Gcloud, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What nobody foresaw ends with exit code 1 as well."""

        def fail(*_: object) -> None:
            raise LookupError("1//emu-secret")

        monkeypatch.setattr("gemauth.cli.gcloud.properties.Properties.get", fail)
        assert gcloud("config", "get", "project") == 1
        assert "LookupError" in gcloud.err
        assert "secret" not in gcloud.err
        assert "Traceback" not in gcloud.err

    @pytest.mark.parametrize(
        ("level", "warned", "told"),
        [
            ("debug", True, True),
            ("warning", True, True),
            ("error", False, True),
            ("critical", False, False),
            ("none", False, False),
        ],
    )
    def test_verbosity(self, gcloud: Gcloud, level: str, *, warned: bool, told: bool) -> None:
        """--verbosity silences warnings and errors; the exit code stays."""
        assert gcloud.consenting(*LOGIN, f"--verbosity={level}") == 0
        assert ("WARNING" in gcloud.err) is warned
        assert gcloud("auth", "print-access-token", f"--verbosity={level}") == 1
        assert ("ERROR" in gcloud.err) is told

    def test_no_verbosity(self, gcloud: Gcloud) -> None:
        """A level that there is not is an error."""
        assert gcloud("config", "get", "project", "--verbosity=loud") == 1
        assert "--verbosity" in gcloud.err

    def test_no_user_output(self, gcloud: Gcloud) -> None:
        """--no-user-output-enabled leaves the status out."""
        assert gcloud("config", "set", "project", "p", "--no-user-output-enabled") == 0
        assert gcloud.err == ""


@pytest.mark.parametrize("words", [["--help"], ["help"], ["auth", "--help"], [*LOGIN, "-h"]])
def test_help(gcloud: Gcloud, words: list[str]) -> None:
    """Help is a result: on stdout, exit code 0, without an emulator."""
    assert gcloud(*words, GEMAUTH_EMULATOR="") == 0
    assert "gcloud auth" in gcloud.out
    assert "--client-id-file=VALUE" in gcloud.out


def test_every_command_is_in_the_help(gcloud: Gcloud) -> None:
    """So is every flag of its own."""
    assert gcloud("--help") == 0
    for command in COMMANDS:
        assert f"gcloud {' '.join(command.path)}" in gcloud.out
        assert all(f"--{flag.name}" in gcloud.out for flag in command.flags)


class TestProcess:
    def environ(self, gcloud: Gcloud) -> dict[str, str]:
        """The environment of a child."""
        return {**os.environ, **gcloud.environ}

    def test_a_closed_input(self, gcloud: Gcloud) -> None:
        """`gcloud … <&-` is an input that has ended; nothing hangs."""
        done = subprocess.run(
            ["/bin/sh", "-c", '"$@" <&-', "sh", *MODULE, *LOGIN, "--no-browser"],
            env=self.environ(gcloud),
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert done.returncode == 1
        assert "ended" in done.stderr
        assert "Traceback" not in done.stderr

    def test_no_reader(self, gcloud: Gcloud) -> None:
        """A reader that has gone away is no traceback."""
        read, write = os.pipe()
        os.close(read)
        done = subprocess.run(
            [*MODULE, "--help"],
            env=self.environ(gcloud),
            stdout=write,
            stderr=subprocess.PIPE,
            text=True,
            timeout=30,
            check=False,
        )
        os.close(write)
        assert done.returncode == 141
        assert done.stderr == ""

    def test_on_a_terminal(self, gcloud: Gcloud) -> None:
        """A person at a terminal sees the prompt after the command, and types the answer."""
        words = (*LOGIN, "--no-browser", f"--client-id-file={gcloud.client_file}", SCOPES)

        def answer(seen: str) -> str:
            found = re.search(r'--remote-bootstrap="([^"]+)"', seen)
            assert found is not None
            return consent.answer(found[1], ADA, gcloud.emulator.address)

        code, seen = on_terminal([*MODULE, *words], self.environ(gcloud), "above command: ", answer)
        assert code == 0, seen
        assert "Credentials saved to file:" in seen

    def test_a_question_on_a_terminal(self, gcloud: Gcloud) -> None:
        """An empty line is the default, which is yes."""
        assert gcloud.consenting(*LOGIN) == 0
        words = ("auth", "application-default", "revoke")
        code, seen = on_terminal([*MODULE, *words], self.environ(gcloud), "(Y/n)?  ", lambda _: "")
        assert code == 0, seen
        assert "Credentials revoked." in seen


def on_terminal(
    command: list[str], environ: dict[str, str], prompt: str, answer: Callable[[str], str]
) -> tuple[int, str]:
    """Run a command on a pseudo-terminal; type an answer once a prompt is there."""
    ours, theirs = pty.openpty()
    child = subprocess.Popen(command, env=environ, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    seen, end, answered = "", time.monotonic() + 30, False
    while time.monotonic() < end:
        if select.select([ours], [], [], 0.1)[0]:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # Linux: the other side is closed
                break
            if not piece:
                break
            seen += piece.decode()
        if prompt in seen and not answered:
            answered = True
            os.write(ours, f"{answer(seen)}\n".encode())
    code = child.wait(30)
    os.close(ours)
    return code, seen.replace("\r\n", "\n")
