"""Whether this machine has a browser for people, and opening it.

The rule on Linux is the desktops' own: without DISPLAY or WAYLAND_DISPLAY there is nothing to
show a page on, and `webbrowser` would start a text browser in the terminal (google-oauth.md 7.1).
"""

from __future__ import annotations

import sys
import webbrowser
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["has_browser", "open_browser"]

_DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY", "MIR_SOCKET")
# Text browsers that `webbrowser` knows; a consent page does not work in them.
_TEXT = frozenset({"www-browser", "links", "elinks", "lynx", "w3m"})


def has_browser(environ: Mapping[str, str], platform: str = sys.platform) -> bool:
    """Whether a page can be shown to the person at this machine.

    An SSH session shows pages on the far machine, if anywhere: without a forwarded display there
    is none, on macOS and Windows either.
    """
    if platform in {"darwin", "win32"}:
        return not ("SSH_CONNECTION" in environ or "SSH_CLIENT" in environ)
    if not any(environ.get(name) for name in _DISPLAYS):
        return False
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    return getattr(browser, "name", "") not in _TEXT


def open_browser(url: str) -> bool:
    """Open a URL in the person's browser; False where none starts, whatever the reason."""
    try:
        return webbrowser.open(url, new=1, autoraise=True)
    except (webbrowser.Error, OSError):
        return False
