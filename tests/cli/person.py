"""A person at the emulator's real pages over HTTP: chooses an account, goes on, ticks, allows."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import urlencode, urljoin

import urllib3

Field = dict[str, str | None]


class StoppedError(Exception):
    """A page that leads nowhere, with its `data-page` and `data-reason`."""


class _Page(HTMLParser):
    """What a page asks: its body's `data-page`, the form's target, fields and buttons."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.name: str | None = None
        self.reason: str | None = None
        self.action = ""
        self.fields: list[Field] = []
        self.buttons: list[Field] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        match tag:
            case "body":
                self.name, self.reason = values.get("data-page"), values.get("data-reason")
            case "form":
                self.action = values["action"] or ""
            case "input":
                self.fields.append(values)
            case "button":
                self.buttons.append(values)


def answer(address: str, url: str, account: str, *, untick: tuple[str, ...] = ()) -> str:
    """Sign in as an account at an authorization URL, and return the redirect that ends it.

    Raises:
        StoppedError: a page does not let the person go on.
    """
    cookies: dict[str, str] = {}
    form: list[tuple[str, str]] | None = None
    with urllib3.PoolManager() as browser:
        for _ in range(12):
            headers = {"cookie": "; ".join(f"{name}={cookies[name]}" for name in cookies)}
            if form is not None:
                headers["content-type"] = "application/x-www-form-urlencoded"
            response = browser.request(
                "GET" if form is None else "POST",
                url,
                headers=headers,
                body=None if form is None else urlencode(form),
                redirect=False,
                retries=False,
            )
            for cookie in response.headers.getlist("set-cookie"):
                name, _, value = cookie.partition(";")[0].partition("=")
                cookies[name] = value
            form = None
            if location := response.headers.get("location"):
                url = urljoin(url, location)
                if not url.startswith(f"{address}/"):
                    return url
                continue
            page = _Page(response.data.decode())
            if page.name not in {"account", "warning", "consent"}:
                raise StoppedError(f"{page.name}: {page.reason}")
            url, form = urljoin(url, page.action), _choices(page, account, untick)
    raise AssertionError("the pages do not end")


def _choices(page: _Page, account: str, untick: tuple[str, ...]) -> list[tuple[str, str]]:
    """What the person leaves and presses on a page."""
    chosen = [
        (str(field["name"]), str(field["value"]))
        for field in page.fields
        if field["value"] not in untick
    ]
    wanted = {"account": ("data-email", account), "warning": ("value", "continue")}
    name, value = wanted.get(str(page.name), ("value", "allow"))
    button = next(button for button in page.buttons if button.get(name) == value)
    return [*chosen, (str(button["name"]), str(button["value"]))]
