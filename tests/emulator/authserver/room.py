"""One app with its people and clients, and a browser before the sign-in pages."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

from starlette.applications import Starlette
from starlette.testclient import TestClient

from gemauth.emulator.accounts import people
from gemauth.emulator.authserver import browser_routes, home
from gemauth.emulator.authserver.authorize import Authorization, authorize
from gemauth.emulator.storage.records import Account, ConsentScreen, OAuthClient, Project, TestUser
from gemauth.google.scopes import CLOUD_PLATFORM, EMAIL, OPENID, RETRIEVER, TUNING
from gemauth.oauth.authorization import AuthorizationResponse
from tests.emulator.state import State

if TYPE_CHECKING:
    from starlette.responses import Response

DESKTOP = "123456789012-emudesktop.apps.googleusercontent.com"
WEB = "123456789012-emuweb.apps.googleusercontent.com"
LOOPBACK = "http://127.0.0.1:51234/"
CALLBACK = "https://app.example.com/callback"
BASE = "http://127.0.0.1:8085"
ENDPOINT = "/o/oauth2/v2/auth"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
QUICKSTART = (CLOUD_PLATFORM, TUNING, RETRIEVER)
ALL = (*QUICKSTART, OPENID, EMAIL)


class Page(HTMLParser):
    """A page as a test sees it: its marks, its forms' fields, its text."""

    def __init__(self, reply: Any) -> None:
        super().__init__()
        self.reply = reply
        self.status: int = reply.status_code
        self.marks: dict[str, str] = {}
        self.fields: dict[str, str] = {}
        self.boxes: dict[str, bool] = {}
        self.scopes: list[str] = []
        self.accounts: dict[str, str] = {}
        self.buttons: list[tuple[str, str]] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.feed(reply.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        values = {name: value or "" for name, value in attrs}
        self.tags.append((tag, values))
        if tag == "body":
            self.marks = {k.removeprefix("data-"): v for k, v in values.items()}
        elif tag == "input" and values["type"] == "hidden":
            self.fields[values["name"]] = values["value"]
        elif tag == "input" and values["type"] == "checkbox":
            self.boxes[values["value"]] = "checked" in values
        elif tag == "button":
            self.buttons.append((values.get("name", ""), values.get("value", "")))
            if "data-email" in values:
                self.accounts[values["data-email"]] = values["value"]
        elif tag == "li" and "data-scope" in values:
            self.scopes.append(values["data-scope"])

    def handle_data(self, data: str) -> None:
        """Note a text."""
        self.words.append(data)

    @property
    def name(self) -> str:
        """Which page it is."""
        return self.marks["page"]

    @property
    def text(self) -> str:
        """What a person reads, with single spaces."""
        return " ".join(" ".join(self.words).split())


class Room(State):
    """The sign-in pages over one External app in Testing, with one tester and one stranger."""

    def __init__(self) -> None:
        super().__init__()
        self.app = Starlette(
            routes=[*browser_routes.routes(self.context), *home.routes(self.context)]
        )
        now = self.clock.now()
        with self.context.store.write() as tx:
            tx.add(Project("demo", "123456789012", "Demo", "ACTIVE", "example.org", {}, now))
            tx.add(
                ConsentScreen(
                    "demo", "external", "testing", "Gem Notes", "dev@example.com", QUICKSTART
                )
            )
            tx.add(OAuthClient(DESKTOP, "demo", "desktop", "Desktop", (), "active", now))
            tx.add(OAuthClient(WEB, "demo", "web", "Web", (CALLBACK,), "active", now))
            self.ada = people.create(tx, now, self.entropy, "ada@example.com", name="Ada Lovelace")
            self.bob = people.create(
                tx, now + 1, self.entropy, "bob@example.org", name="Bob", workspace=True
            )
            tx.add(TestUser("demo", "ada@example.com", now, None))
        self.browser = self.new_browser()

    def new_browser(self) -> TestClient:
        """A browser without a cookie, which follows nothing by itself."""
        return TestClient(self.app, base_url=BASE, follow_redirects=False)

    # --- a browser's steps

    def parameters(self, **changes: str | None) -> dict[str, str]:
        """A good request's parameters, with some changed and those that are None left out."""
        values: dict[str, str | None] = {
            "client_id": DESKTOP,
            "redirect_uri": LOOPBACK,
            "response_type": "code",
            "scope": " ".join(ALL),
            "state": "st&te=1",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
            "access_type": "offline",
        }
        return {name: value for name, value in (values | changes).items() if value is not None}

    def url(self, **changes: str | None) -> str:
        """The authorization URL of a good request with changes."""
        return f"{ENDPOINT}?{urlencode(self.parameters(**changes))}"

    def asked(self, **changes: str | None) -> Authorization:
        """A good request with changes, validated."""
        with self.read() as tx:
            result = authorize(tx, [*self.parameters(**changes).items()])
        assert isinstance(result, Authorization)
        return result

    def open(self, url: str | None = None, **changes: str | None) -> Any:
        """Open the authorization URL, or another; the reply as it is, or the page it leads to."""
        reply = self.browser.get(url or self.url(**changes))
        return self.follow(reply)

    def follow(self, reply: Response | Any) -> Any:
        """Follow redirects within the emulator; return the page, or the redirect that leaves it."""
        while reply.status_code == 303 and reply.headers["location"].startswith("/"):
            reply = self.browser.get(reply.headers["location"])
        return reply if reply.status_code == 303 else Page(reply)

    def press(self, page: Page, fields: list[tuple[str, str]]) -> Any:
        """Send a page's form with fields beside its hidden ones."""
        action = next(values["action"] for tag, values in page.tags if tag == "form")
        body = urlencode([*page.fields.items(), *fields])
        headers = {"content-type": "application/x-www-form-urlencoded"}
        return self.follow(self.browser.post(action, content=body, headers=headers))

    def choose(self, page: Page, account: Account | None = None) -> Any:
        """Choose an account, Ada by default."""
        return self.press(page, [("sub", (account or self.ada).sub)])

    def to_consent(self, account: Account | None = None, **changes: str | None) -> Page:
        """Walk to the consent page."""
        page: Page = self.choose(self.open(**changes), account)
        if page.name == "warning":
            page = self.press(page, [("action", "continue")])
        assert page.name == "consent", page.text
        return page

    def allow(self, page: Page, *ticked: str) -> Any:
        """Press Allow with every box ticked, or those given."""
        boxes = ticked or tuple(page.boxes)
        return self.press(page, [*(("scope", box) for box in boxes), ("action", "allow")])

    def signed_in(self, **changes: str | None) -> AuthorizationResponse:
        """Go all the way with everything ticked."""
        return answer(self.allow(self.to_consent(None, **changes)))


def answer(reply: Any) -> AuthorizationResponse:
    """The answer that a redirect to the app carries."""
    assert reply.status_code == 303, reply
    return AuthorizationResponse.from_url(reply.headers["location"])


def query(reply: Any) -> dict[str, list[str]]:
    """The raw parameters of a redirect."""
    return parse_qs(urlsplit(reply.headers["location"]).query, keep_blank_values=True)


def policy(reply: Any) -> dict[str, str]:
    """A reply's Content-Security-Policy, directive by directive."""
    parts = re.split(r";\s*", reply.headers["content-security-policy"])
    return {name: value for name, _, value in (part.partition(" ") for part in parts)}
