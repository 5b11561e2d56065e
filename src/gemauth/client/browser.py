"""Whether this machine has a browser for people, and opening it.

A BROWSER that somebody has set counts everywhere: editors set one in their remote terminals, which
have no display, to open pages on the near machine. Otherwise the rule on Linux is the desktops'
own: without DISPLAY or WAYLAND_DISPLAY there is nothing to show a page on, and `webbrowser` would
start a text browser in the terminal (google-oauth.md 7.1). Linux inside Windows (WSL) has Windows'
browser by `wslview`, which `webbrowser` does not know; loopback leads from there to here.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import webbrowser
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["has_browser", "open_browser"]

_DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY", "MIR_SOCKET")
# Text browsers that `webbrowser` knows; a consent page does not work in them.
_TEXT = frozenset({"www-browser", "links", "elinks", "lynx", "w3m"})
_OPEN = "import sys, webbrowser; sys.exit(not webbrowser.open(sys.argv[1], new=1))"
PATIENCE = 2.0  # seconds; a browser that runs already takes a tab in less


def has_browser(environ: Mapping[str, str], platform: str = sys.platform) -> bool:
    """Whether a page can be shown to the person at this machine.

    An SSH session shows pages on the far machine, if anywhere: without a forwarded display there
    is none, on macOS and Windows either.
    """
    chosen = bool(environ.get("BROWSER"))
    if _windows(environ):
        return True
    if platform in {"darwin", "win32"}:
        return chosen or not ("SSH_CONNECTION" in environ or "SSH_CLIENT" in environ)
    if not chosen and not any(environ.get(name) for name in _DISPLAYS):
        return False
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    return getattr(browser, "name", "") not in _TEXT


def open_browser(
    url: str, *, patience: float = PATIENCE, environ: Mapping[str, str] | None = None
) -> bool:
    """Open a URL in the person's browser; False where none starts, whatever the reason.

    A process of its own does it. So a browser that stays in the foreground (`BROWSER="firefox %s"`)
    does not hold up the listener that waits for its answer, Ctrl-C at us does not end it, and what
    it prints does not get into our output. One that has neither failed nor ended after `patience`
    seconds counts as opened. The browser inherits `environ`, or else this process' own.
    """
    nowhere = subprocess.DEVNULL
    if windows := _windows(os.environ if environ is None else environ):
        environ = {**(os.environ if environ is None else environ), "BROWSER": windows}
    try:
        opener = subprocess.Popen(  # noqa: S603  # this Python, and an address that we made
            [sys.executable, "-I", "-c", _OPEN, url],
            stdin=nowhere,
            stdout=nowhere,
            stderr=nowhere,
            env=environ,
            start_new_session=True,
        )
    except OSError:
        return False
    try:
        return opener.wait(patience) == 0
    except subprocess.TimeoutExpired:
        threading.Thread(target=opener.wait, daemon=True).start()  # it leaves no zombie
        return True


def _windows(environ: Mapping[str, str]) -> str | None:
    """Return the program that opens Windows' browser from WSL, or None where there is none.

    A BROWSER that somebody has set goes before it, and so does an SSH session from elsewhere.
    """
    if not environ.get("WSL_DISTRO_NAME") or environ.get("BROWSER") or "SSH_CONNECTION" in environ:
        return None
    return shutil.which("wslview", path=environ.get("PATH"))
