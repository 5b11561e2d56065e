"""The demo's stage: narrates, runs real commands, checks results, and leaves nothing behind.

Everything happens in one temporary folder, which is the home of every command that runs here: a
person's own credentials are neither read nor written. The emulator is a process of its own and
ends with the stage, whatever happened.
"""

from __future__ import annotations

import inspect
import json
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self, TextIO

from gemauth.testing.person import Person, SignInBlockedError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

__all__ = ["CheckError", "Outcome", "Stage"]

ROOT = Path(__file__).resolve().parents[1]
GEMAUTH = Path(sys.executable).with_name("gemauth")
OFFICIAL = ROOT / ".venv-interop" / "bin" / "python"
"""The Python that has the official clients, unmodified."""
PATIENCE = 60.0  # seconds, for anything that should take one

_OWN = re.compile(r"(GOOGLE|GEMINI|GEMAUTH|CLOUDSDK|GCE)_.*|NO_GCE_CHECK|.*_PROXY", re.IGNORECASE)
_URL = re.compile(r"http://127\.0\.0\.1:\d+")
# Tokens are shown by their first letters only, also the worthless ones of an emulator.
_SECRET = re.compile(r"\b(ya29\.(?:c\.)?emu-|1//emu-|4/0Aemu-|GOCSPX-emu-)[\w-]+|\beyJ[\w.-]{20,}")


class CheckError(Exception):
    """A result was not what it has to be; the demo ends."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command did: its exit code, and what it wrote to each stream."""

    code: int
    out: str
    err: str


class Stage:
    """One performance; a context manager.

    Args:
        out: where the transcript goes.
        environ: the audience's environment, of which commands see a cleaned copy.
    """

    def __init__(self, out: TextIO, environ: Mapping[str, str]) -> None:
        self._out = out
        self._colour = out.isatty() and not environ.get("NO_COLOR")
        self._audience = environ
        self._emulator: subprocess.Popen[bytes] | None = None
        self._steps = 0
        self.checked = 0

    def __enter__(self) -> Self:
        self._temporary = tempfile.TemporaryDirectory(prefix="gemauth-demo-")
        self.folder = Path(self._temporary.name).resolve()
        self.started = time.monotonic()
        own = {name: value for name, value in self._audience.items() if not _OWN.fullmatch(name)}
        self.environ = own | {
            "HOME": str(self.folder),
            "XDG_CONFIG_HOME": str(self.folder / "config"),
            "XDG_DATA_HOME": str(self.folder / "data"),
            "XDG_CACHE_HOME": str(self.folder / "cache"),
            "CLOUDSDK_CONFIG": str(self.folder / "gcloud"),
            "PYTHONIOENCODING": "utf-8",
        }
        return self

    def __exit__(self, *_: object) -> None:
        self._end_emulator()
        self._temporary.cleanup()

    # --- What the audience reads -----------------------------------------------------------------

    def say(self, text: str, style: str = "") -> None:
        """Write lines to the transcript; style is an SGR code, used on colour terminals only."""
        for line in _SECRET.sub(lambda found: f"{found[1] or 'eyJ'}…", text).splitlines():
            self._out.write(
                f"\033[{style}m{line}\033[0m\n" if style and self._colour else f"{line}\n"
            )
        self._out.flush()

    def explain(self, text: str) -> None:
        """Say in a sentence or two what happens next, and why."""
        self.say(textwrap.fill(text, 92, initial_indent="    ", subsequent_indent="    "))

    def command(self, line: str) -> None:
        """Show a command line as a person types it."""
        self.say(f"    $ {line}", "1")

    def play(self, step: Callable[[], None]) -> None:
        """Perform one step; its docstring is its title and, after a blank line, its introduction.

        Raises:
            CheckError: a check in it failed, or it checked nothing.
        """
        self._steps += 1
        before = self.checked
        title, _, introduction = (inspect.getdoc(step) or "").partition("\n\n")
        title = title.removesuffix(".")
        self.say(f"\n{self._steps:2}  {title}", "1;36")
        if introduction:
            self.explain(" ".join(introduction.split()))
        step()
        if self.checked == before:
            raise CheckError(f"the step {title!r} has checked nothing")

    def check(self, true: object, what: str, seen: object = None) -> None:
        """Go on only if something is true.

        Raises:
            CheckError: it is not; `seen` is shown.
        """
        self.checked += 1
        if not true:
            self.say(f"    ✗ {what}", "1;31")
            if seen is not None:
                self.say(textwrap.indent(str(seen), "      "))
            raise CheckError(what)
        self.say(f"    ✓ {what}", "32")

    def fail(self, failure: CheckError) -> None:
        """Tell why the demo ends here, and what the emulator has to say about it."""
        self.say(f"\nFAILED: {failure}", "1;31")
        self.say(self.emulator_log)

    # --- Commands --------------------------------------------------------------------------------

    def gemauth(self, line: str, *, show: bool = True, fails: bool = False) -> Outcome:
        """Run `gemauth LINE` and show what it writes.

        Raises:
            CheckError: it fails and should not, or the other way round.
        """
        self.command(f"gemauth {line}")
        words = shlex.split(line.replace("$GEMAUTH_EMULATOR", self.environ["GEMAUTH_EMULATOR"]))
        done = self._run([str(GEMAUTH), *words], self.environ)
        self._show(done if show else Outcome(done.code, "", done.err))
        if (done.code != 0) != fails:
            raise CheckError(f"gemauth ended with exit code {done.code}: {done.err.strip()}")
        return done

    def program(self, name: str, *arguments: str, piped: str | None = None) -> Outcome:
        """Run a program of demo/programs where the official clients are, behind the leak guard.

        `piped` is a gemauth command line whose output the program reads.

        `HTTPS_PROXY` is the emulator, which refuses every tunnel: what an official client sends
        to the real Google unasked goes nowhere (google-auth looks up a service account's region).

        Raises:
            CheckError: it fails.
        """
        typed = ""
        if piped is not None:
            typed = self._run([str(GEMAUTH), *piped.split()], self.environ).out
        before = [] if piped is None else ["gemauth", piped, "|"]
        self.command(" ".join([*before, "python", f"demo/programs/{name}", *arguments]))
        emulator = self.environ["GEMAUTH_EMULATOR"]
        guarded = self.environ | {
            "HTTPS_PROXY": emulator,
            "NO_PROXY": "127.0.0.1,localhost,::1",
            "PYTHONWARNINGS": "ignore",  # the SDK announces its own end at each import
        }
        program = str(ROOT / "demo" / "programs" / name)
        done = self._run([str(OFFICIAL), program, *arguments], guarded, typed)
        self._show(done)
        if done.code != 0:
            raise CheckError(f"{name} ended with exit code {done.code}")
        return done

    def _run(self, words: list[str], environ: Mapping[str, str], typed: str = "") -> Outcome:
        try:
            done = subprocess.run(
                words,
                cwd=self.folder,
                env=dict(environ),
                input=typed,
                capture_output=True,
                text=True,
                encoding="utf-8",
                timeout=PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise CheckError(f"{words[0]} did not end within {PATIENCE:.0f} seconds") from None
        return Outcome(done.returncode, done.stdout, done.stderr)

    def _show(self, outcome: Outcome, most: int = 9) -> None:
        lines = (outcome.out + outcome.err).replace(f"{self.folder}/", "").splitlines()
        for line in lines[:most] if len(lines) > most + 1 else lines:
            self.say(f"      {line}", "2")
        if len(lines) > most + 1:
            self.say(f"      … and {len(lines) - most} lines more", "2")

    # --- Signing in ------------------------------------------------------------------------------

    def sign_in(
        self,
        account: str,
        line: str,
        *,
        untick: Collection[str] = (),
        fails: bool = False,
    ) -> tuple[Outcome, SignInBlockedError | None]:
        """Run `gemauth login --no-browser …` and play the person, who pastes the last address.

        Returns:
            What the command did, and the page on which the person got stuck, if there was one.
        """
        self.command(f"gemauth login --no-browser {line}")
        login = subprocess.Popen(
            [str(GEMAUTH), "login", "--no-browser", *shlex.split(line)],
            cwd=self.folder,
            env=self.environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        assert login.stderr is not None
        before, blocked = [], None
        try:
            for told in login.stderr:
                before.append(told)
                if "paste" in told:
                    break
            url = next((t.strip() for t in before if t.startswith("    http")), None)
            if url is None:
                raise CheckError("".join(before))
            self.say(f"      {url[:88]}…", "2")
            person = account.partition("@")[0].capitalize()
            try:
                pasted = Person(account).consent(url, untick=untick)
                box = f" unticks {', '.join(untick)}," if untick else ""
                self.explain(f"[{person} chooses the account, passes the warning,{box} consents]")
            except SignInBlockedError as page:
                pasted, blocked = page.url, page
                self.explain(f"[{person} chooses the account, and a page ends it: {page.message}]")
            self.say(f"      Address (or code): {pasted.partition('?')[0]}?…", "2")
            out, err = login.communicate(f"{pasted}\n", timeout=PATIENCE)
        finally:
            login.kill()
            login.wait()
        done = Outcome(login.returncode, out, err.removeprefix("Address (or code): "))
        self._show(done)
        if (done.code != 0) != fails:
            raise CheckError(f"gemauth login ended with exit code {done.code}")
        return done, blocked

    def sign_in_with_browser(self, line: str) -> None:
        """Run `gemauth login …` with the audience's own browser, terminal and patience.

        Raises:
            CheckError: it fails.
        """
        self.command(f"gemauth login {line}")
        environ = dict(self.environ)
        if sys.platform == "linux":  # elsewhere a browser does not look at these
            names = ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "BROWSER")
            environ["DEMO_AUDIENCE"] = json.dumps({n: self._audience.get(n) for n in names})
            opener = [sys.executable, str(ROOT / "demo" / "open_browser.py")]
            environ["BROWSER"] = f"{shlex.join(opener)} %s"
        words = [str(GEMAUTH), "login", *shlex.split(line)]
        done = subprocess.run(words, cwd=self.folder, env=environ, check=False)
        if done.returncode != 0:
            raise CheckError(f"gemauth login ended with exit code {done.returncode}")

    # --- The emulator ----------------------------------------------------------------------------

    def start_emulator(self) -> str:
        """Start `gemauth emulator start` on any free port; return its address.

        Raises:
            CheckError: it does not start.
        """
        line = "emulator start --port 0 --data emulator-data"
        self.command(f"gemauth {line} &")
        log = self.folder / "emulator.log"
        with log.open("wb") as file:
            self._emulator = subprocess.Popen(
                [str(GEMAUTH), *line.split()],
                cwd=self.folder,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=file,
            )
        deadline = time.monotonic() + PATIENCE
        while "Stop it" not in (banner := log.read_text(encoding="utf-8")):
            if self._emulator.poll() is not None or time.monotonic() > deadline:
                raise CheckError(f"the emulator did not start: {banner}")
            time.sleep(0.01)
        self._show(Outcome(0, banner, ""), most=4)
        address = _URL.search(banner)
        assert address is not None
        self.environ["GEMAUTH_EMULATOR"] = address[0]
        self.command(f"export GEMAUTH_EMULATOR={address[0]}")
        return address[0]

    def emulator_ended(self) -> int | None:
        """Return the exit code of the emulator's process, None if it still runs."""
        assert self._emulator is not None
        with suppress(subprocess.TimeoutExpired):
            return self._emulator.wait(PATIENCE)
        return None

    @property
    def emulator_log(self) -> str:
        """What the emulator has written since its banner: nothing, or what went wrong in it."""
        log = self.folder / "emulator.log"
        return log.read_text(encoding="utf-8").partition("Ctrl-C\n")[2] if log.exists() else ""

    def _end_emulator(self) -> None:
        if self._emulator is None or self._emulator.poll() is not None:
            return
        self._emulator.send_signal(signal.SIGTERM)
        try:
            self._emulator.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._emulator.kill()
            self._emulator.wait()
