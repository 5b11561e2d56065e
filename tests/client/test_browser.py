from __future__ import annotations

import webbrowser
from typing import TYPE_CHECKING, NoReturn

import pytest

from gemauth.client.browser import has_browser, open_browser

if TYPE_CHECKING:
    from collections.abc import Callable


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
    ],
)
def test_where_a_page_can_be_shown(
    environ: dict[str, str], platform: str, monkeypatch: pytest.MonkeyPatch, *, expected: bool
) -> None:
    """A desktop, or a display forwarded over SSH (google-oauth.md 7.1)."""
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
    monkeypatch.setattr(webbrowser, "get", raising(webbrowser.Error()))
    assert not has_browser({"DISPLAY": ":0"}, "linux")


@pytest.mark.parametrize("error", [webbrowser.Error(), FileNotFoundError()])
def test_a_browser_that_fails_is_no_error(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever goes wrong, the flow is told that no browser started."""
    monkeypatch.setattr(webbrowser, "open", raising(error))
    assert open_browser("http://127.0.0.1/") is False
    monkeypatch.setattr(webbrowser, "open", lambda url, **_: True)
    assert open_browser("http://127.0.0.1/") is True
