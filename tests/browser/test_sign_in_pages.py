"""The pages in a real Chromium, at a desktop's and a phone's width."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from gemauth.google.scopes import CLOUD_PLATFORM, EMAIL, OPENID, RETRIEVER
from tests.browser.conftest import Chromium, Desk, _consent_screen

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.browser


def test_account_warning_consent_with_one_scope_unticked(desk: Desk, chromium: Chromium) -> None:
    """Choose an account, pass the warning, untick one scope, allow: the app gets the others."""
    page = chromium.page
    page.goto(desk.url())
    assert page.get_by_role("heading").all_inner_texts() == ["Choose an account"]
    chromium.check()
    chromium.shoot("1-account")
    chromium.press("Ada Lovelace", exact=False)

    page.get_by_role("heading", name="This app has not been verified").wait_for()
    chromium.check()
    chromium.shoot("2-warning")
    chromium.press("Continue")

    page.get_by_role("heading", name="Gem Notes wants to use your account").wait_for()
    tuning = page.get_by_role("checkbox", name="tuned Gemini models")
    assert tuning.is_checked()
    tuning.uncheck()
    chromium.check()
    chromium.shoot("3-consent")
    chromium.press("Allow")

    page.get_by_role("heading", name="Back in the app").wait_for()
    answer = desk.app.answer
    assert answer.code is not None
    assert answer.state == "xyz"
    assert answer.scopes == (CLOUD_PLATFORM, RETRIEVER, OPENID, EMAIL)


def test_decline(desk: Desk, chromium: Chromium) -> None:
    """Cancel brings the app access_denied and nothing else."""
    page = chromium.page
    page.goto(desk.url())
    chromium.press("Ada Lovelace", exact=False)
    chromium.press("Continue")
    chromium.press("Cancel")
    page.get_by_role("heading", name="Back in the app").wait_for()
    answer = desk.app.answer
    assert (answer.error, answer.code, answer.state) == ("access_denied", None, "xyz")


def test_back_to_safety(desk: Desk, chromium: Chromium) -> None:
    """The warning's other button ends the sign-in too."""
    chromium.page.goto(desk.url())
    chromium.press("Ada Lovelace", exact=False)
    chromium.press("Back to safety")
    chromium.page.get_by_role("heading", name="Back in the app").wait_for()
    assert desk.app.answer.error == "access_denied"


def test_not_a_tester(desk: Desk, chromium: Chromium) -> None:
    """A non-tester sees why and what the developer can do; after that, reloading goes on."""
    page = chromium.page
    page.goto(desk.url())
    chromium.press("Grace Hopper", exact=False)
    page.get_by_role("heading", name="Access blocked: Gem Notes").wait_for()
    assert page.get_by_text("Error 403: access_denied").is_visible()
    chromium.check()
    chromium.shoot("4-not-a-tester")
    details = page.get_by_text("flowName=GeneralOAuthFlow")
    assert not details.is_visible()
    page.get_by_text("Request details").click()
    assert details.is_visible()
    chromium.check()
    chromium.shoot("5-not-a-tester-details")
    assert desk.app.redirects == []
    chromium.violations.clear()  # Chromium notes the page's status 403 on its console

    desk.emulator.control.add_test_user("gem-notes", "grace@example.org")
    page.reload()
    page.get_by_role("heading", name="This app has not been verified").wait_for()


def test_another_account_after_a_refusal(desk: Desk, chromium: Chromium) -> None:
    """From the refusal a person gets back to the chooser."""
    page = chromium.page
    page.goto(desk.url())
    chromium.press("Grace Hopper", exact=False)
    page.get_by_role("link", name="Try another account").click()
    page.get_by_role("heading", name="Choose an account").wait_for()
    assert page.get_by_text("Signed in").is_visible()
    chromium.check()
    chromium.violations.clear()


def test_the_way_back_and_a_second_try(desk: Desk, chromium: Chromium) -> None:
    """The browser's Back leads to pages that still work; an answered one says that it is over."""
    page = chromium.page
    page.goto(desk.url())
    chromium.press("Ada Lovelace", exact=False)
    page.get_by_role("heading", name="This app has not been verified").wait_for()
    page.go_back()
    chromium.press("Ada Lovelace", exact=False)
    chromium.press("Continue")
    chromium.press("Allow")
    page.get_by_role("heading", name="Back in the app").wait_for()
    page.go_back()
    page.get_by_role("heading", name="This page is no longer valid").wait_for()
    chromium.check()
    chromium.shoot("6-over")
    assert len(desk.app.redirects) == 1
    chromium.violations.clear()


def test_a_repeat_grant_shows_no_page(desk: Desk, chromium: Chromium) -> None:
    """The second time the browser goes straight back to the app."""
    page = chromium.page
    page.goto(desk.url())
    chromium.press("Ada Lovelace", exact=False)
    chromium.press("Continue")
    chromium.press("Allow")
    page.get_by_role("heading", name="Back in the app").wait_for()
    desk.app.redirects.clear()
    page.goto(desk.url())
    page.get_by_role("heading", name="Back in the app").wait_for()
    assert desk.app.answer.more["prompt"] == "none"


def test_the_cookie_stays_with_the_pages(desk: Desk, chromium: Chromium) -> None:
    """The app that listens on another port of the same host never sees the emulator's cookie."""
    page = chromium.page
    page.goto(desk.url())
    chromium.press("Ada Lovelace", exact=False)
    chromium.press("Continue")
    chromium.press("Allow")
    page.get_by_role("heading", name="Back in the app").wait_for()
    assert len(chromium.context.cookies(f"{desk.emulator.address}/o/oauth2/auth")) == 1
    assert desk.app.cookies == []


def test_an_app_in_production(desk: Desk, chromium: Chromium) -> None:
    """Unverified in production: the way on is behind Advanced."""
    _consent_screen(desk.emulator, publishing_status="production")
    page = chromium.page
    page.goto(desk.url())
    chromium.press("Grace Hopper", exact=False)
    unsafe = page.get_by_role("button", name="Go to Gem Notes (unsafe)")
    assert not unsafe.is_visible()
    page.get_by_text("Advanced").click()
    chromium.check()
    chromium.shoot("7-production")
    unsafe.click()
    page.get_by_role("heading", name="Gem Notes wants to use your account").wait_for()


def test_sign_in_only(desk: Desk, chromium: Chromium) -> None:
    """Sign-in scopes alone need one button."""
    page = chromium.page
    page.goto(desk.url(scope="openid email profile"))
    chromium.press("Ada Lovelace", exact=False)
    page.get_by_role("heading", name="Sign in to Gem Notes").wait_for()
    assert page.get_by_role("checkbox").count() == 0
    chromium.check()
    chromium.shoot("8-sign-in")
    chromium.press("Continue")
    page.get_by_role("heading", name="Back in the app").wait_for()
    assert len(desk.app.answer.scopes) == 3


def test_a_request_that_is_not_valid(desk: Desk, chromium: Chromium) -> None:
    """A fault of the request ends on a page that shows it, long values and all."""
    page = chromium.page
    page.goto(desk.url(redirect_uri="https://app.example.com/" + "long/" * 30, state="s" * 200))
    assert page.get_by_text("Error 400: redirect_uri_mismatch").is_visible()
    page.get_by_text("Request details").click()
    chromium.check()
    chromium.shoot("9-redirect-uri-mismatch")
    chromium.violations.clear()


def test_the_front_page(desk: Desk, chromium: Chromium) -> None:
    """Somebody who opens the emulator's address learns what it is."""
    chromium.page.goto(desk.emulator.address)
    chromium.check()
    chromium.shoot("0-home")


def test_with_the_keyboard_alone(desk: Desk, chromium: Chromium) -> None:
    """Every step can be taken with Tab, Space and Enter, and the focus can be seen."""
    page = chromium.page
    page.goto(desk.url())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.dataset.email") == "ada@example.com"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    chromium.shoot("1-account-focus")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="This app has not been verified").wait_for()
    page.get_by_role("button", name="Continue").focus()
    page.keyboard.press("Enter")
    page.get_by_role("checkbox", name="tuned Gemini models").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Allow").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Back in the app").wait_for()
    assert desk.app.answer.scopes == (CLOUD_PLATFORM, RETRIEVER, OPENID, EMAIL)


class TestDark:
    @pytest.fixture
    def options(self) -> dict[str, Any]:
        """A browser that prefers dark pages."""
        return {"color_scheme": "dark"}

    def test_dark_pages_are_readable(self, desk: Desk, chromium: Chromium) -> None:
        """The dark scheme has the same contrast."""
        page = chromium.page
        page.goto(desk.url(code_challenge_method="plain"))
        chromium.check()
        chromium.shoot("dark-1-account")
        chromium.press("Ada Lovelace", exact=False)
        chromium.check()
        chromium.shoot("dark-2-warning")
        chromium.press("Continue")
        page.get_by_text("For the developer").click()
        chromium.check()
        chromium.shoot("dark-3-consent")
        page.goto(desk.url(scope="nonsense"))
        chromium.check()
        chromium.shoot("dark-9-invalid-scope")
        chromium.violations.clear()


class TestChinese:
    @pytest.fixture
    def options(self) -> dict[str, Any]:
        """A browser of somebody in Taiwan."""
        return {"locale": "zh-TW"}

    def test_pages_in_chinese(self, desk: Desk, chromium: Chromium) -> None:
        """The pages follow the browser's language."""
        page = chromium.page
        page.goto(desk.url())
        page.get_by_role("heading", name="選擇帳戶").wait_for()
        chromium.shoot("zh-1-account")
        chromium.press("Ada Lovelace", exact=False)
        chromium.press("繼續")
        page.get_by_role("heading", name="「Gem Notes」想要使用你的帳戶").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        chromium.shoot("zh-3-consent")
        chromium.press("允許")
        page.get_by_role("heading", name="Back in the app").wait_for()


class TestWithoutScript:
    @pytest.fixture
    def options(self) -> dict[str, Any]:
        """A browser that runs no JavaScript."""
        return {"java_script_enabled": False}

    def test_pages_need_no_script(self, desk: Desk, chromium: Chromium) -> None:
        """The whole way works without JavaScript, the answer in a form included."""
        chromium.page.goto(desk.url(response_mode="form_post"))
        chromium.press("Ada Lovelace", exact=False)
        chromium.press("Continue")
        chromium.press("Allow")
        chromium.page.get_by_role("heading", name="Go back to Gem Notes").wait_for()
        chromium.shoot("answer")
        chromium.press("Continue")
        chromium.page.get_by_role("heading", name="Back in the app").wait_for()
        (form,) = desk.app.forms
        assert form["state"] == ["xyz"]
        assert form["code"][0].startswith("4/0Aemu-")


@contextmanager
def _elsewhere(target: str, family: socket.AddressFamily, host: str) -> Iterator[int]:
    """A listener whose answer sends the browser on, as gcloud's does."""

    class Onwards(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(302)
            self.send_header("Location", target)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    class Server(HTTPServer):
        address_family = family

    with Server((host, 0), Onwards) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("family", "host", "written"),
    [
        (socket.AF_INET, "127.0.0.1", "localhost"),
        (socket.AF_INET6, "::1", "[::1]"),
    ],
)
def test_redirects_that_go_on(
    desk: Desk, chromium: Chromium, family: socket.AddressFamily, host: str, written: str
) -> None:
    """The policy lets the browser follow an app on any loopback name, and on from there."""
    if family is socket.AF_INET6:
        try:
            socket.create_server((host, 0), family=family).close()
        except OSError:
            pytest.skip("this machine has no IPv6 loopback")
    onwards = f"{desk.app.redirect_uri}done"
    with _elsewhere(onwards, family, host) as port:
        page = chromium.page
        page.goto(desk.url(redirect_uri=f"http://{written}:{port}/oauth2callback"))
        chromium.press("Ada Lovelace", exact=False)
        chromium.press("Continue")
        chromium.press("Allow")
        page.get_by_role("heading", name="Back in the app").wait_for()
        assert page.url == onwards
