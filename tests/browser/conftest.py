"""A real Chromium before the emulator's pages, an app that listens, and a camera."""

from __future__ import annotations

import os
import shutil
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import sync_playwright

from gemauth.oauth.authorization import AuthorizationResponse
from gemauth.testing.emulator import EmulatorServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, Page, Request

SCREENSHOTS = Path(__file__).resolve().parents[2] / "artifacts" / "screenshots"
WIDTHS = {"desktop": (1280, 800), "phone": (390, 844)}
QUICKSTART = "cloud-platform generative-language.tuning generative-language.retriever"
ARGUMENTS = (
    "--no-sandbox",  # containers run as root; every page is our own
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # No name is resolved and no address is reached but loopback, whatever the browser itself wants.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE ::1 , EXCLUDE localhost",
    "--proxy-server=http://127.0.0.1:9",
    "--proxy-bypass-list=127.0.0.1;[::1];localhost",
)


def _chromium() -> str:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    missing = "no Chromium here: apt-get install chromium"
    if os.environ.get("CI"):
        pytest.fail(missing)
    pytest.skip(missing)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium with a profile folder of its own, new and deleted at the end."""
    path = _chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS, headless=True)
        yield browser
        browser.close()


@dataclass
class App:
    """A program with a desktop client, as it listens for its redirect on loopback."""

    port: int
    client_id: str = ""
    redirects: list[str] = field(default_factory=list)
    forms: list[dict[str, list[str]]] = field(default_factory=list)
    cookies: list[str] = field(default_factory=list)
    host: str = "127.0.0.1"

    @property
    def redirect_uri(self) -> str:
        """Where it listens."""
        return f"http://{self.host}:{self.port}/"

    @property
    def answer(self) -> AuthorizationResponse:
        """The only redirect that came."""
        (url,) = self.redirects
        return AuthorizationResponse.from_url(url)


@pytest.fixture
def app() -> Iterator[App]:
    """A listener that notes what a browser brings it."""

    class Listener(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.startswith("/?"):
                listening.redirects.append(f"http://127.0.0.1:{listening.port}{self.path}")
            self._end()

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            listening.forms.append(parse_qs(self.rfile.read(length).decode()))
            self._end()

        def _end(self) -> None:
            listening.cookies += self.headers.get_all("Cookie", [])
            body = b"<!doctype html><title>app</title><h1>Back in the app</h1>"
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Listener) as server:
        listening = App(server.server_port)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield listening
        server.shutdown()
        thread.join()


@dataclass
class Desk:
    """One emulator with people and an app in Testing."""

    emulator: EmulatorServer
    app: App

    def url(self, **changes: str) -> str:
        """The app's authorization URL."""
        scopes = [f"https://www.googleapis.com/auth/{name}" for name in QUICKSTART.split()]
        parameters = {
            "client_id": self.app.client_id,
            "redirect_uri": self.app.redirect_uri,
            "response_type": "code",
            "scope": " ".join([*scopes, "openid", "email"]),
            "state": "xyz",
            "access_type": "offline",
            "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
            "code_challenge_method": "S256",
        }
        return f"{self.emulator.address}/o/oauth2/v2/auth?{urlencode(parameters | changes)}"


@pytest.fixture
def desk(app: App) -> Iterator[Desk]:
    """An emulator with a project, its consent screen, a tester and somebody who is none."""
    with EmulatorServer() as emulator:
        control = emulator.control
        control.create_account("ada@example.com", name="Ada Lovelace")
        control.create_account("grace@example.org", name="Grace Hopper", workspace=True)
        control.create_account("a.very.long.address.that.wraps@subdomain.example.com")
        control.create_project("gem-notes")
        _consent_screen(emulator)
        control.add_test_user("gem-notes", "ada@example.com")
        made = control.create_client("gem-notes", kind="desktop", name="Desktop")
        app.client_id = made["clientId"]
        yield Desk(emulator, app)


def _consent_screen(emulator: EmulatorServer, **changes: Any) -> None:
    settings = {"app_name": "Gem Notes", "support_email": "dev@example.com"}
    emulator.control.set_consent_screen("gem-notes", **(settings | changes))


class Chromium:
    """One person's browser at one size, which notes whatever it asks for."""

    def __init__(self, context: BrowserContext, size: str) -> None:
        self.context = context
        self.size = size
        self.page: Page = context.new_page()
        self.requests: list[str] = []
        self.violations: list[str] = []
        context.on("request", self._note)
        self.page.on("console", lambda message: self.violations.append(message.text))
        self.page.on("pageerror", lambda error: self.violations.append(str(error)))

    def _note(self, request: Request) -> None:
        self.requests.append(request.url)

    def shoot(self, name: str) -> None:
        """Write the whole page as a picture, for a person to look at."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name}-{self.size}.png", full_page=True)

    def check(self) -> None:
        """Check what every page keeps: it fits, it is readable, it says what it is."""
        assert self.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert self.page.get_by_role("heading", level=1).count() == 1
        assert self.page.get_by_text(
            "this is not Google; it never asks for a password"
        ).is_visible()
        assert self.page.evaluate(_CONTRAST) == []
        if self.size == "phone":
            small = self.page.evaluate(_SMALL_TARGETS)
            assert small == []

    def press(self, name: str, *, exact: bool = True) -> None:
        """Press a button."""
        self.page.get_by_role("button", name=name, exact=exact).click()

    def outside(self) -> list[str]:
        """What was asked of any host that is not loopback."""
        loopback = {"127.0.0.1", "localhost", "::1"}
        return [url for url in self.requests if urlsplit(url).hostname not in loopback]


# WCAG 2.2 success criterion 1.4.3: 4.5:1, or 3:1 for large text. Every background here is opaque.
_CONTRAST = """() => {
  const rgb = text => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b]
    .map(c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = element => {
    for (; element; element = element.parentElement) {
      const colour = rgb(getComputedStyle(element).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const poor = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    const [a, b] = [light(rgb(style.color)), light(ground(element))].sort((x, y) => y - x);
    const large = parseFloat(style.fontSize) >= 24;
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < (large ? 3 : 4.5)) poor.push(`${ratio.toFixed(2)} ${walker.currentNode.data}`);
  }
  return poor;
}"""

# WCAG 2.2 success criterion 2.5.8 asks for 24 CSS pixels; what a thumb has to hit here has 44.
_SMALL_TARGETS = """() => [...document.querySelectorAll('button, label, .buttons > *')]
  .filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 44)
  .map(e => e.innerText)"""


@pytest.fixture(params=WIDTHS)
def size(request: pytest.FixtureRequest) -> str:
    """The width of the window."""
    return str(request.param)


@pytest.fixture
def options() -> dict[str, Any]:
    """What a test changes in its browser."""
    return {}


@pytest.fixture
def chromium(browser: Browser, size: str, options: dict[str, Any]) -> Iterator[Chromium]:
    """A new profile in Chromium; nothing it asked for was off loopback or against the policy."""
    width, height = WIDTHS[size]
    settings: dict[str, Any] = {
        "viewport": {"width": width, "height": height},
        "device_scale_factor": 2 if size == "phone" else 1,
        "is_mobile": size == "phone",
        "has_touch": size == "phone",
        "locale": "en-US",
    }
    context = browser.new_context(**(settings | options))
    context.set_default_timeout(10_000)
    chromium = Chromium(context, size)
    yield chromium
    context.close()
    assert chromium.outside() == []
    assert chromium.violations == []
