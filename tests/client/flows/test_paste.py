from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gemauth.client.flows.paste import answer_in, paste
from gemauth.client.flows.sign_in import SignIn, WrongState
from gemauth.errors import CredentialError, UsageError
from gemauth.flow import Ask, Send, Show
from gemauth.google import scopes
from gemauth.google.endpoints import GOOGLE
from tests.client.transcript import CLIENT, form_of, play, tokens

if TYPE_CHECKING:
    from gemauth.http import Response

SIGN_IN = SignIn(CLIENT, GOOGLE, scopes.DEFAULT)


class Person:
    """Reads the address on the screen and pastes what the browser ends at."""

    def __init__(self) -> None:
        self.query: dict[str, str] = {}

    def reads(self) -> tuple[Any, Any]:
        """The first screen."""

        def keep(step: Show) -> None:
            url = next(word for word in step.text.split() if word.startswith("https://"))
            self.query = {name: v[0] for name, v in parse_qs(urlsplit(url).query).items()}

        return (Show, keep)

    def pastes(self, form: str, **query: str) -> tuple[Any, Any]:
        """An answer; `state=""` becomes the right one, {uri} and {query} the redirect's."""

        def line(step: Ask) -> str:
            known = {name: value or self.query["state"] for name, value in query.items()}
            return form.format(uri=self.query["redirect_uri"], query=urlencode(known))

        return (Ask, line)


def spends(code: str) -> tuple[Any, Any]:
    """The exchange of that code."""

    def check(step: Send) -> Response:
        assert form_of(step)["code"] == code
        return tokens(refresh_token="1//0")

    return (Send, check)


@pytest.mark.parametrize(
    "form",
    ["{uri}?{query}", "127.0.0.1:4711/?{query}", "{query}", '"{uri}?{query}"', " {uri}?{query} "],
)
def test_a_pasted_address(form: str) -> None:
    """The whole address counts, and what people make of it: quotes, a missing scheme."""
    person = Person()
    pasted = person.pastes(form, code="4/0A", state="", iss=GOOGLE.issuer)
    granted = play(paste(SIGN_IN), person.reads(), pasted, spends("4/0A"))
    assert granted.tokens.refresh_token == "1//0"


@pytest.mark.parametrize("code", ["4/0AbC-_x", "4%2F0AbC-_x"])
def test_a_pasted_code(code: str) -> None:
    """A bare code works too, decoded or as the address bar has it; PKCE binds it to us."""
    person = Person()
    play(paste(SIGN_IN), person.reads(), (Ask, code), spends("4/0AbC-_x"))


def test_nothing_listens_at_the_redirect() -> None:
    """The redirect goes to 127.0.0.1 at a dynamic port (RFC 6335), with no listener bound."""
    person = Person()
    play(paste(SIGN_IN), person.reads(), person.pastes("{query}", code="4", state=""), spends("4"))
    parts = urlsplit(person.query["redirect_uri"])
    assert parts.hostname == "127.0.0.1"
    assert parts.port is not None
    assert parts.port >= 49152


def test_another_sign_ins_address_is_asked_again() -> None:
    """A wrong state is refused and asked again; it never ends in success."""
    person = Person()
    play(
        paste(SIGN_IN),
        person.reads(),
        person.pastes("{uri}?{query}", code="4/evil", state="wrong"),
        (Show, None),
        person.pastes("{uri}?{query}", code="4/0A", state=""),
        spends("4/0A"),
    )


def test_three_wrong_states_end_it() -> None:
    """After three attempts the error says why."""
    person = Person()
    wrong = person.pastes("{uri}?{query}", code="4/evil", state="wrong")
    with pytest.raises(WrongState):
        play(paste(SIGN_IN), person.reads(), wrong, (Show, None), wrong, (Show, None), wrong)


@pytest.mark.parametrize(
    "line", ["", "http://[::1", "https://elsewhere.example/signin", "two words"]
)
def test_nonsense_is_asked_again(line: str) -> None:
    """What holds no code is named so, three times."""
    person = Person()
    again = ((Ask, line), (Show, None))
    with pytest.raises(CredentialError, match="holds a code"):
        play(paste(SIGN_IN), person.reads(), *again, *again, *again)


@pytest.mark.parametrize("path", ["signin/oauth/error?authError=x", "o/oauth2/v3/consent"])
def test_a_page_of_the_sign_in_ends_it(path: str) -> None:
    """Google never redirects where it refuses an app or an account; the way out is named."""
    with pytest.raises(CredentialError, match="nothing was granted") as caught:
        play(paste(SIGN_IN), Person().reads(), (Ask, f"https://accounts.google.com/{path}"))
    assert "Test users" in (caught.value.next_step or "")


def test_a_foreign_issuer_ends_it() -> None:
    """`iss` is checked on a pasted address as on a received one (RFC 9207)."""
    person = Person()
    pasted = person.pastes("{query}", code="4/0A", state="", iss="https://evil.example")
    with pytest.raises(CredentialError, match="issuer"):
        play(paste(SIGN_IN), person.reads(), pasted)


def test_a_declined_consent() -> None:
    """The pasted error ends it in one sentence."""
    person = Person()
    with pytest.raises(CredentialError, match="declined"):
        play(
            paste(SIGN_IN),
            person.reads(),
            person.pastes("{query}", error="access_denied", state=""),
        )


def test_nobody_to_ask() -> None:
    """Without a terminal the world's own error comes through."""
    person = Person()
    with pytest.raises(UsageError, match="terminal"):
        play(paste(SIGN_IN), person.reads(), (Ask, UsageError("There is no terminal to ask at.")))


def test_a_page_that_never_redirects() -> None:
    """The address of a page at the authorization server ends it: the advice is about testers."""
    person = Person()
    blocked = "https://accounts.google.com/signin/oauth/error/v2?authError=x"
    with pytest.raises(CredentialError) as caught:
        play(paste(SIGN_IN), person.reads(), person.pastes(blocked))
    assert "Test users" in (caught.value.next_step or "")


def test_bytes_that_are_no_text() -> None:
    """What a terminal in another encoding made of a paste is refused, and is no defect."""
    person = Person()
    (_, first), wrong = person.reads(), "http://127.0.0.1:1/?code=4/\udcff&state=\udcff"
    with pytest.raises(WrongState):
        play(paste(SIGN_IN), (Show, first), *[(Ask, wrong), (Show, None)] * 2, (Ask, wrong))
    person = Person()

    def check(step: Send) -> Response:
        assert form_of(step)["code"] == "4/?"
        return tokens(refresh_token="1//0")

    play(paste(SIGN_IN), person.reads(), (Ask, "4/\udcff"), (Send, check))


@given(st.text())
def test_any_text_may_hold_an_answer(text: str) -> None:
    """Whatever was copied, looking into it is no error."""
    for line in (text, f"?code={text}", f"http://127.0.0.1:1/?state={text}&error={text}"):
        answer_in(line)
