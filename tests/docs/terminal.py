"""A person's terminal: runs a document's commands, and answers what they ask.

Commands run in a real terminal (a pty), because they write for one, and pass variables on to the
next as a shell's session does. At the sign-in pages the person is `gemauth.testing.person`: the
one whom the URL's `login_hint` names, else Ada.
"""

from __future__ import annotations

import contextlib
import os
import pty
import re
import select
import shlex
import subprocess
import sys
import time
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from gemauth.testing.person import Person
from tests import secrecy
from tests.docs.blocks import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ADA = "ada@example.com"
BOB = "bob@example.com"
JUDGES = ROOT / ".venv-interop" / "bin" / "python"
"""The Python of Google's own libraries, unmodified."""
PATIENCE = 30.0
"""Seconds for one command."""

# `webbrowser` runs this in the background, as it does a person's browser.
_BROWSER = f"""#!{sys.executable}
import sys
from urllib.request import urlopen

sys.path.insert(0, {str(ROOT)!r})
from tests.docs.terminal import redirect

with urlopen(redirect(sys.argv[1])) as page:
    page.read()
"""
# Where a person is to go, as a line of its own or in JSON.
_URL = re.compile(r"^(?:    |  \"url\": \")(http://[^\s\"]+)", re.MULTILINE)


def redirect(url: str) -> str:
    """Sign in at an authorization URL, and return the redirect that it ends with."""
    hint = parse_qs(urlsplit(url).query).get("login_hint", [ADA])
    return Person(hint[0]).consent(url)


class Terminal:
    """A shell's session in a folder, with `gemauth` on PATH and nothing else of this repository.

    Args:
        folder: where commands run.
        environ: their variables at first.

    Attributes:
        shown: what its commands that have ended have shown.
    """

    def __init__(self, folder: Path, environ: dict[str, str]) -> None:
        self.folder = folder
        self.environ = environ | {
            "PATH": os.pathsep.join([os.path.dirname(sys.executable), environ["PATH"]]),  # noqa: PTH120  # a link is not to be followed
            "NO_COLOR": "1",
            "PYTHONUNBUFFERED": "1",
        }
        self._state = folder / ".state"
        self._state.write_text("")
        self.shown = ""

    def give_browser(self) -> None:
        """Let `webbrowser` find a desktop, and the person's browser on it."""
        browser = self.folder / ".browser"
        browser.write_text(_BROWSER)
        browser.chmod(0o700)
        self.environ["DISPLAY"] = ":0"
        self.environ["BROWSER"] = f"{browser} %s &"

    def run(self, line: str) -> tuple[int, str]:
        """Run a command line to its end; return its exit code and what the terminal showed."""
        with self.start(line) as running:
            shown = running.read(until=None)
            self.shown += shown
            return running.process.wait(PATIENCE), shown

    def python(self, program: str, python: str = "python3") -> tuple[int, str]:
        """Run a snippet of a document's; return its exit code and what it showed."""
        (self.folder / "snippet.py").write_text(program)
        return self.run(f"{python} snippet.py")

    @contextlib.contextmanager
    def start(self, line: str) -> Iterator[Running]:
        """Start a command line, and stop it at the end if it still runs."""
        state = f"'{self._state}'"
        script = f". {state}\n{line}\ncode=$?\nexport -p > {state}\nexit $code\n"
        master, slave = pty.openpty()
        process = subprocess.Popen(
            ["/bin/sh", "-c", script],
            cwd=self.folder,
            env=self.environ,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)
        running = Running(process, master, self.shown)
        try:
            yield running
        finally:
            running.stop()
            with contextlib.suppress(ValueError):  # a script of several lines
                secrecy.at_terminal(shlex.split(line), running.shown)
            os.close(master)


class Running:
    """A command that runs in a terminal; `above` is what those before it have shown."""

    def __init__(self, process: subprocess.Popen[bytes], master: int, above: str) -> None:
        self.process = process
        self._master = master
        self._above = above
        self._shown = ""

    @property
    def shown(self) -> str:
        """What it has shown so far, as far as somebody has read it."""
        return self._shown

    def read(self, until: str | None) -> str:
        """Return what it has shown when a line holds `until`, or when it has ended.

        Raises:
            TimeoutError: neither happened in time.
        """
        deadline = time.monotonic() + PATIENCE
        answered = 0
        while until is None or until not in self._shown.rpartition("\n")[0]:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self._master], [], [], left)[0]:
                raise TimeoutError(f"after {PATIENCE} seconds:\n{self._shown}")
            try:
                part = os.read(self._master, 65536)
            except OSError:  # EIO: nobody has the terminal open any more
                part = b""
            if not part:
                break
            self._shown += part.decode("utf-8", "replace").replace("\r\n", "\n")
            answer = self._answer(self._shown[answered:])
            if answer is not None:
                answered = len(self._shown)
                self.type(answer)
        return self._shown

    def type(self, line: str) -> None:
        """Type a line."""
        os.write(self._master, line.encode() + b"\n")

    def _answer(self, shown: str) -> str | None:
        """Return what the person types at the question that stands last, if there is one."""
        if shown.endswith("[y/N] "):
            return "y"
        if shown.endswith(("Address (or code): ", "Address: ")):
            return redirect(_URL.findall(self._above + shown)[-1])
        return None

    def stop(self) -> None:
        """End it as Ctrl-C does, together with what it has started."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, 2)
            self.process.wait(PATIENCE)
