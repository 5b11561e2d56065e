from __future__ import annotations

import os
import signal
import sys
import time
import webbrowser
from typing import TYPE_CHECKING, NoReturn

import pytest

from gemauth.client.browser import has_browser, open_browser

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Named:
    def __init__(self, name: str) -> None:
        self.name = name


@pytest.mark.parametrize(
    ("environ", "platform", "expected"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ""}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({}, "darwin", True),
        ({}, "win32", True),
        ({"SSH_CONNECTION": "a b c d"}, "darwin", False),
        ({"SSH_CLIENT": "a b c"}, "win32", False),
        ({"SSH_CONNECTION": "a b c d", "DISPLAY": "localhost:10.0"}, "linux", True),
        ({"BROWSER": "/opt/editor/browser.sh"}, "linux", True),
        ({"BROWSER": "browser.sh", "SSH_CONNECTION": "a b c d"}, "darwin", True),
        ({"BROWSER": ""}, "linux", False),
    ],
)
def test_where_a_page_can_be_shown(
    environ: dict[str, str], platform: str, monkeypatch: pytest.MonkeyPatch, *, expected: bool
) -> None:
    """A desktop, a display forwarded over SSH (google-oauth.md 7.1), or a BROWSER of one's own."""
    monkeypatch.setattr(webbrowser, "get", lambda: Named("firefox"))
    assert has_browser(environ, platform) is expected


def raising(error: Exception) -> Callable[..., NoReturn]:
    """Return a function that raises."""

    def function(*_: object, **__: object) -> NoReturn:
        raise error

    return function


def test_a_text_browser_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """www-browser and its kin cannot show a consent page."""
    monkeypatch.setattr(webbrowser, "get", lambda: Named("www-browser"))
    assert not has_browser({"DISPLAY": ":0"}, "linux")
    assert not has_browser({"BROWSER": "www-browser"}, "linux")
    monkeypatch.setattr(webbrowser, "get", raising(webbrowser.Error()))
    assert not has_browser({"DISPLAY": ":0"}, "linux")


@pytest.fixture
def browser(home: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Make a script the machine's only browser."""

    def make(script: str) -> None:
        path = home / "browser"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o700)
        monkeypatch.setenv("BROWSER", str(path))
        monkeypatch.setenv("PATH", str(home / "empty"))

    return make


def test_a_browser_is_opened(
    browser: Callable[[str], None], home: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """It gets the URL; what it prints does not get into our output, nor our input to it."""
    browser(f'read line && exit 1; echo noise; echo noise >&2; echo "$1" > {home}/url')
    assert open_browser("http://127.0.0.1/?a=b&c=d") is True
    assert (home / "url").read_text() == "http://127.0.0.1/?a=b&c=d\n"
    assert capfd.readouterr() == ("", "")


def test_a_browser_that_stays_is_not_waited_for(browser: Callable[[str], None], home: Path) -> None:
    """One in the foreground counts as opened, and goes on beside us."""
    browser(f"echo $$ > {home}/pid; exec /bin/sleep 30")
    started = time.monotonic()
    assert open_browser("http://127.0.0.1/", patience=0.5) is True
    assert time.monotonic() - started < 10
    while not (home / "pid").is_file() or not (pid := (home / "pid").read_text()):
        time.sleep(0.01)
        assert time.monotonic() - started < 10
    os.kill(int(pid), signal.SIGTERM)  # raises where it is gone


def test_a_browser_that_fails_is_no_error(
    browser: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever goes wrong, the flow is told that no browser started."""
    browser("exit 3")
    assert open_browser("http://127.0.0.1/") is False
    monkeypatch.setenv("BROWSER", "/no/such/browser")
    assert open_browser("http://127.0.0.1/") is False
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    assert open_browser("http://127.0.0.1/") is False


@pytest.fixture
def wsl(home: Path) -> dict[str, str]:
    """The environment of a Linux inside Windows, with a stand-in for its `wslview`."""
    folder = home / "bin"
    folder.mkdir()
    script = folder / "wslview"
    script.write_text(f'#!/bin/sh\necho "$1" > {home}/url\n')
    script.chmod(0o700)
    return {"WSL_DISTRO_NAME": "Ubuntu", "PATH": str(folder)}


@pytest.mark.parametrize("more", [{}, {"DISPLAY": ":0"}])
def test_windows_browser_from_wsl(wsl: dict[str, str], home: Path, more: dict[str, str]) -> None:
    """WSL shows pages in Windows' browser, also where its own X server would have none."""
    assert has_browser(wsl | more, "linux")
    assert open_browser("https://accounts.google.com/?a=b&c=d", environ=wsl | more)
    assert (home / "url").read_text() == "https://accounts.google.com/?a=b&c=d\n"


@pytest.mark.parametrize(
    "change", [{"PATH": "/nowhere"}, {"WSL_DISTRO_NAME": ""}, {"SSH_CONNECTION": "a b c d"}]
)
def test_no_windows_browser(wsl: dict[str, str], change: dict[str, str]) -> None:
    """Without `wslview`, elsewhere than in WSL, and for somebody who came by SSH."""
    assert not has_browser(wsl | change, "linux")


def test_a_browser_of_ones_own_goes_before_windows(
    wsl: dict[str, str], home: Path, browser: Callable[[str], None]
) -> None:
    """BROWSER is what somebody has chosen."""
    browser(f"echo mine > {home}/url")
    assert open_browser("http://127.0.0.1/", environ=wsl | {"BROWSER": os.environ["BROWSER"]})
    assert (home / "url").read_text() == "mine\n"
