"""The browser of a run: `python -m gemauth.run.browser URL`, behind the variable BROWSER.

It returns at once and works on in a process of its own: `webbrowser.GenericBrowser` waits for the
program that it starts, and only then do apps begin to listen for their redirect. Google's sign-in
pages open at the emulator: in the person's real browser or, with GEMAUTH_AUTO_CONSENT, walked by a
`Person`. What goes wrong is told on stderr and in `browser.log` of the run's folder, without
queries: those hold codes. Source: interception.md section 6.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gemauth.client.target import EMULATOR_VARIABLE
from gemauth.clock import SystemClock, rfc3339
from gemauth.errors import GemauthError, UnreachableError, UsageError
from gemauth.google.endpoints import loopback_base
from gemauth.run import consent
from gemauth.run.consent import without_query
from gemauth.run.environment import (
    AUTO_CONSENT_VARIABLE,
    BROWSER_VARIABLE,
    NETWORK,
    RUN_VARIABLE,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["LOG", "main"]

LOG = "browser.log"
PATIENCE = 10.0
"""Seconds for the app to begin to listen for its redirect."""
_LIMIT = 120.0  # seconds: no page of ours takes as long, and nothing of a run may stay behind
_NOW = "--now"  # the first word of the process that does the work

# No browser inherits it: a window that was opened from a run stays for the day, and its person's
# other pages must not go through the emulator.
_THE_PROGRAMS = NETWORK | {"BROWSER"}


@dataclass(frozen=True, slots=True)
class Visit:
    """A page to open; `email` is who walks it, or None where the person does it by hand."""

    page: str
    address: str
    email: str | None

    @classmethod
    def plan(cls, urls: Sequence[str], environ: Mapping[str, str]) -> Visit:
        """Decide what becomes of the one URL.

        Raises:
            UsageError: there is no emulator, or nobody to open a page that is no sign-in.
        """
        if len(urls) != 1:
            raise UsageError("gemauth's browser opens one address.")
        url = urls[0]
        address = loopback_base(environ.get(EMULATOR_VARIABLE, ""))
        if address is None:
            raise UsageError(
                f"{EMULATOR_VARIABLE} names no emulator.",
                next_step="Start the program with gemauth emulator run.",
            )
        page, email = consent.at_emulator(url, address), environ.get(AUTO_CONSENT_VARIABLE) or None
        if page is None and email is not None:
            raise UsageError(
                f"{without_query(url)} is no sign-in page, and --auto-consent opens no other.",
                next_step="Leave --auto-consent out to have pages opened in your browser.",
            )
        return cls(page or url, address, email)

    def make(self, environ: Mapping[str, str]) -> str:
        """Open the page; return what was done, without secrets.

        Raises:
            GemauthError: no browser starts, or the sign-in does not end at the app.
        """
        if self.email is None:
            return self._show(environ)
        redirect = consent.answer(self.page, self.email, self.address)
        app = without_query(redirect)
        if not consent.is_loopback(redirect):
            raise UsageError(
                f"The sign-in ends at {app}, and --auto-consent only goes on to this machine.",
                next_step="gemauth emulator authorize prints what that page would show.",
            )
        if not consent.deliver(redirect, patience=PATIENCE):
            raise UnreachableError(
                f"Nothing listens at {app}: the program that began the sign-in is gone."
            )
        return f"{self.email} signed in for {app}"

    def _show(self, environ: Mapping[str, str]) -> str:
        from gemauth.client.browser import open_browser

        if not open_browser(self.page, environ=browsers_own(environ)):
            raise UsageError(
                "No browser could be opened.",
                next_step=f"Open this page yourself: {self.page}",
            )
        return f"opened {without_query(self.page)}"


def browsers_own(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for the person's browser: the one from before the run, about."""
    own = {
        name: value
        for name, value in environ.items()
        if name.upper() not in _THE_PROGRAMS and not name.startswith("GEMAUTH_")
    }
    return own | ({"BROWSER": environ[BROWSER_VARIABLE]} if environ.get(BROWSER_VARIABLE) else {})


def main(argv: Sequence[str], environ: Mapping[str, str]) -> int:
    """Open a URL and return the exit code, without waiting for what becomes of it.

    Args:
        argv: the URL.
        environ: the run's.
    """
    at_once = list(argv[:1]) == [_NOW]
    urls = argv[1:] if at_once else argv
    try:
        visit = Visit.plan(urls, environ)
    except UsageError as error:
        _tell(error, environ)
        return 1
    return _work(visit, environ) if at_once else _hand_over(urls[0], environ)


def _hand_over(url: str, environ: Mapping[str, str]) -> int:
    try:
        subprocess.Popen(  # noqa: S603  # this Python, and this module
            [sys.executable, "-P", "-m", "gemauth.run.browser", _NOW, url],
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C at the program does not end it
        )
    except OSError as error:
        _tell(UsageError(f"{sys.executable} does not start: {error.strerror}."), environ)
        return 1
    return 0


def _work(visit: Visit, environ: Mapping[str, str]) -> int:
    failures: list[GemauthError] = []

    def work() -> None:
        try:
            _note(visit.make(environ), environ)
        except GemauthError as error:
            failures.append(error)

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    worker.join(_LIMIT)
    if worker.is_alive():
        failures.append(UnreachableError(f"The sign-in did not end within {_LIMIT:.0f} seconds."))
    for failure in failures:
        _tell(failure, environ)
    return int(bool(failures))


def _tell(error: GemauthError, environ: Mapping[str, str]) -> None:
    """Tell a failure where there is a stderr, and note it without the next step: that has a URL."""
    reason = getattr(error, "reason", "")
    text = f"{error.message} [{reason}]" if reason else error.message
    _note(text, environ)
    next_step = f"\n{error.next_step}" if error.next_step else ""
    if sys.stderr is not None:
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.write(f"gemauth: browser: {text}{next_step}\n")
            sys.stderr.flush()


def _note(text: str, environ: Mapping[str, str]) -> None:
    folder = environ.get(RUN_VARIABLE)
    if not folder:
        return
    line = f"{rfc3339(SystemClock().now())} {' '.join(text.split())}\n"
    with contextlib.suppress(OSError):
        file = os.open(Path(folder) / LOG, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(file, line.encode())
        finally:
            os.close(file)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
