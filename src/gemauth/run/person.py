"""A person at a browser, played by a program: walks the emulator's sign-in pages over HTTP.

The demo, the fixtures and your own tests use it where no browser is wanted. It reads the forms that
`gemauth/emulator/pages/__init__.py` documents, follows redirects within the emulator, and stops
at the first one that leaves it: the app's redirect URI, which it returns and never opens.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.client import HTTPConnection, HTTPException
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urljoin, urlsplit

from gemauth.errors import Fault, RefusedError, UnreachableError
from gemauth.google import scopes

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["Person", "SignInBlockedError"]

_MOST_PAGES = 20
_TIMEOUT = 30.0


class SignInBlockedError(RefusedError):
    """A page of the emulator that does not redirect.

    Attributes:
        status: the page's HTTP status.
        error: Google's name of the error, such as `access_denied`; empty for a page without one.
        reason: the emulator's own name of the reason, such as `not_a_tester`.
        url: the page's address, which stands in the browser's address bar.
    """

    default_fault = Fault.PROJECT

    def __init__(
        self,
        status: int,
        error: str,
        reason: str,
        detail: str,
        next_step: str | None,
        url: str,
    ) -> None:
        super().__init__(
            f"The sign-in ended on a page: error {status}: {error}. {detail}".rstrip(),
            next_step=next_step,
        )
        self.status = status
        self.error = error
        self.reason = reason
        self.url = url


@dataclass
class Person:
    """Somebody with an account of the emulator, and a browser that remembers who signed in.

    Args:
        email: the account to choose.
    """

    email: str
    _cookies: dict[tuple[str, str], str] = field(default_factory=dict, repr=False)

    def consent(
        self, authorization_url: str, *, untick: Collection[str] = (), decline: bool = False
    ) -> str:
        """Walk the pages of an authorization URL and return the redirect URL that they end with.

        Args:
            authorization_url: at the emulator, as an app would open it in a browser.
            untick: scopes (full or short names) to leave out on the consent page.
            decline: press Cancel on the consent page.

        Raises:
            SignInBlockedError: a page came that never redirects; it carries the error's name.
            UnreachableError: nothing answered, or not with the emulator's pages.
            UsageError: `untick` holds a name that is no scope.
        """
        unticked = frozenset(scopes.expand(untick))
        answer = self._open(authorization_url)
        for _ in range(_MOST_PAGES):
            if isinstance(answer, str):
                return answer
            if answer.name == "account":
                answer = self._submit(answer, [("sub", self._own_button(answer))])
            elif answer.name == "code":  # gcloud's: the emulator shows the code itself
                return answer.marks["redirect"]
            elif answer.name == "warning":
                answer = self._submit(answer, [("action", "continue")])
            elif answer.name == "consent" and decline:
                answer = self._submit(answer, [("action", "cancel")])
            elif answer.name == "consent":
                ticked = [("scope", box) for box in answer.boxes if box not in unticked]
                answer = self._submit(answer, [*ticked, ("action", "allow")])
            else:
                raise _blocked(answer)
        raise UnreachableError(
            f"The sign-in did not end within {_MOST_PAGES} pages.", fault=Fault.SERVER
        )

    def _own_button(self, page: _Page) -> str:
        for sub, email in page.accounts:
            if email == self.email.lower():
                return sub
        raise SignInBlockedError(
            page.status,
            "",
            "no_such_account",
            f"{self.email} is not among the accounts to choose from.",
            f"gemauth emulator accounts create {self.email}",
            page.url,
        )

    def _submit(self, page: _Page, fields: list[tuple[str, str]]) -> _Page | str:
        return self._open(
            urljoin(page.url, page.action), body=urlencode([*page.hidden, *fields]).encode()
        )

    def _open(self, url: str, body: bytes | None = None) -> _Page | str:
        """Return the page at a URL of the emulator, or the first redirect that leaves it."""
        home = urlsplit(url)
        for _ in range(_MOST_PAGES):
            status, headers, text = self._send(url, body)
            if location := headers.get("location"):
                url, body = urljoin(url, location), None
                if urlsplit(url)[:2] != home[:2]:
                    return url
                continue
            return _Page.read(url, status, text)
        raise UnreachableError("The emulator redirects in a circle.", fault=Fault.SERVER)

    def _send(self, url: str, body: bytes | None) -> tuple[int, dict[str, str], str]:
        parts = urlsplit(url)
        headers = {"Accept": "text/html", "Accept-Language": "en"}
        cookies = "; ".join(
            f"{name}={value}"
            for (path, name), value in self._cookies.items()
            if f"{parts.path}/".startswith(f"{path.rstrip('/')}/")
        )
        if cookies:
            headers["Cookie"] = cookies
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = HTTPConnection(parts.hostname or "", parts.port or 80, timeout=_TIMEOUT)
        target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        try:
            connection.request("GET" if body is None else "POST", target, body, headers)
            reply = connection.getresponse()
            text = reply.read().decode("utf-8", "replace")
        except (OSError, HTTPException) as error:
            raise UnreachableError(
                f"Nothing answers at {parts.scheme}://{parts.netloc}: {error}.",
                next_step="Start the emulator: gemauth emulator start",
            ) from error
        finally:
            connection.close()
        for line in reply.headers.get_all("set-cookie", []):
            for name, morsel in SimpleCookie(line).items():
                self._cookies[morsel["path"] or "/", name] = morsel.value
        return reply.status, {name.lower(): value for name, value in reply.headers.items()}, text


@dataclass(frozen=True)
class _Page:
    """What a page says, read from its HTML."""

    url: str
    status: int
    name: str
    action: str
    hidden: list[tuple[str, str]]
    accounts: list[tuple[str, str]]  # sub, e-mail
    boxes: list[str]
    marks: dict[str, str]

    @classmethod
    def read(cls, url: str, status: int, text: str) -> _Page:
        reader = _Reader()
        reader.feed(text)
        reader.close()
        return cls(
            url=url,
            status=status,
            name=reader.marks.get("page", ""),
            action=reader.action,
            hidden=reader.hidden,
            accounts=reader.accounts,
            boxes=reader.boxes,
            marks=reader.marks,
        )


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.action = ""
        self.hidden: list[tuple[str, str]] = []
        self.accounts: list[tuple[str, str]] = []
        self.boxes: list[str] = []
        self.marks: dict[str, str] = {}
        self._marking: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "body":
            self.marks |= {k.removeprefix("data-"): v for k, v in values.items() if "data-" in k}
        elif tag == "form":
            self.action = values.get("action", "")
        elif tag == "input" and values.get("type") == "hidden":
            self.hidden.append((values.get("name", ""), values.get("value", "")))
        elif tag == "input" and values.get("name") == "scope":
            self.boxes.append(values.get("value", ""))
        elif tag == "button" and values.get("name") == "sub":
            self.accounts.append((values.get("value", ""), values.get("data-email", "")))
        for mark in ("detail", "next-step"):
            if f"data-{mark}" in values:
                self._marking = mark

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002  # the base class names it
        self._marking = None

    def handle_data(self, data: str) -> None:
        if self._marking is not None:
            self.marks[self._marking] = self.marks.get(self._marking, "") + data


def _blocked(page: _Page) -> SignInBlockedError | UnreachableError:
    if page.name != "blocked":
        return UnreachableError(
            f"{urlsplit(page.url).path} answered HTTP {page.status}, and no page of a sign-in.",
            fault=Fault.SERVER,
            next_step="Check that the URL is an emulator's authorization URL.",
        )
    return SignInBlockedError(
        page.status,
        page.marks.get("error", ""),
        page.marks.get("reason", ""),
        page.marks.get("detail", ""),
        page.marks.get("next-step"),
        page.url,
    )
