"""Both sides of a sign-in over two machines, step by step, and against the stand-in for gcloud."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from gemauth.cli.gcloud import remote as gcloud
from gemauth.client.flows.bootstrap import Bootstrap, helper, remote
from gemauth.client.flows.sign_in import SignIn, WrongState
from gemauth.errors import CredentialError, UsageError
from gemauth.flow import Ask, Bind, Now, OpenBrowser, Receive, Reply, Send, Show
from gemauth.google import scopes
from gemauth.google.client_secret import GCLOUD_CLIENT_ID
from gemauth.google.endpoints import GOOGLE
from tests.client.transcript import CLIENT, EMULATED_CLIENT, EMULATOR, NOON, form_of, play, tokens

if TYPE_CHECKING:
    from gemauth.flow import Flow
    from gemauth.http import Response

SIGN_IN = SignIn(CLIENT, GOOGLE, scopes.DEFAULT)
EMULATED = SignIn(EMULATED_CLIENT, EMULATOR, scopes.DEFAULT)
QUERY = {
    "client_id": CLIENT.client_id,
    "response_type": "code",
    "scope": "openid https://www.googleapis.com/auth/cloud-platform",
    "state": "s" * 43,
    "access_type": "offline",
    "code_challenge": "c" * 43,
    "code_challenge_method": "S256",
    "token_usage": "remote",
}
URL = f"https://accounts.google.com/o/oauth2/auth?{urlencode(QUERY)}"
WANTED = Bootstrap.from_url(URL, GOOGLE)


def url_in(text: str, program: str) -> str:
    """Return the URL of a program's command in what is shown."""
    found = re.search(rf'^{program} .*--remote-bootstrap="([^"]+)"$', text, re.MULTILINE)
    assert found is not None
    return found[1]


def query_of(url: str) -> dict[str, str]:
    """Return a URL's parameters."""
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


class Person:
    """Reads the command on one screen and pastes another machine's line."""

    url = ""

    def reads(self, program: str = "gcloud") -> tuple[Any, Any]:
        """The first screen."""

        def keep(step: Show) -> None:
            self.url = url_in(step.text, program)

        return (Show, keep)

    def pastes(
        self, form: str = "https://localhost:8123/?{query}", **query: str
    ) -> tuple[Any, Any]:
        """The helper's line; `state=""` becomes the right one."""

        def line(step: Ask) -> str:
            known = {name: value or query_of(self.url)["state"] for name, value in query.items()}
            return form.format(query=urlencode(known))

        return (Ask, line)


def spends(code: str, redirect_uri: str) -> tuple[Any, Any]:
    """The exchange of that code with that redirect URI."""

    def check(step: Send) -> Response:
        form = form_of(step)
        assert (form["code"], form["redirect_uri"]) == (code, redirect_uri)
        return tokens(refresh_token="1//0")

    return (Send, check)


def test_what_the_other_machine_is_given() -> None:
    """Both commands have one URL: Google's, with PKCE and a state, without a redirect URI."""
    step = next(remote(SIGN_IN))
    assert isinstance(step, Show)
    url = url_in(step.text, "gcloud auth application-default login")
    assert url == url_in(step.text, "gemauth login")
    assert url.startswith("https://accounts.google.com/o/oauth2/v2/auth?")
    query = query_of(url)
    assert "redirect_uri" not in query
    assert query["token_usage"] == "remote"
    assert query["code_challenge_method"] == "S256"
    assert query["access_type"] == "offline"
    assert Bootstrap.from_url(url, GOOGLE).request.client_id == CLIENT.client_id


def test_an_emulators_sign_in_names_it() -> None:
    """The helper over there has to know which Google the address is of."""
    step = next(remote(EMULATED))
    assert isinstance(step, Show)
    assert f"gemauth login --emulator {EMULATOR.gemini} --remote-bootstrap=" in step.text
    assert url_in(step.text, "gcloud").startswith(EMULATOR.authorization)


@pytest.mark.parametrize(
    "form",
    [
        "https://localhost:8123/?{query}",
        "http://localhost:8123/?{query}",
        "https://127.0.0.1:8123/?{query}",
        " 'https://localhost:8123/?{query}' ",
    ],
)
def test_the_helpers_line(form: str) -> None:
    """The port alone is taken from it: the code was given for http://localhost:PORT/."""
    person = Person()
    granted = play(
        remote(SIGN_IN),
        person.reads(),
        person.pastes(form, code="4/0A", state="", iss=GOOGLE.issuer),
        spends("4/0A", "http://localhost:8123/"),
    )
    assert granted.tokens.refresh_token == "1//0"


@pytest.mark.parametrize(
    "line", ["", "nonsense", "4/0Acode", "https://localhost/?code=4&state=s", "http://[::1", "x:y"]
)
def test_what_is_no_line(line: str) -> None:
    """Said so, and asked for three times in all."""
    again = ((Ask, line), (Show, None))
    with pytest.raises(CredentialError, match="is the other machine's answer"):
        play(remote(SIGN_IN), Person().reads(), *again, *again, (Ask, line), (Show, None))


def test_bytes_of_no_encoding() -> None:
    """Those of a terminal or a command line that is not UTF-8 are no answer and no request."""
    again = ((Ask, "https://localhost:8123/?code=4/0A&state=\udcff"), (Show, None))
    with pytest.raises(WrongState):
        play(remote(SIGN_IN), Person().reads(), *again, *again, again[0])
    wanted = Bootstrap.from_url(f"{URL}\udcff", GOOGLE)
    assert wanted.to_url("http://localhost:1/").isascii()


def test_another_sign_ins_line() -> None:
    """A wrong state is asked again, and after three of them it is over."""
    person = Person()
    wrong = person.pastes(code="4/evil", state="wrong")
    with pytest.raises(WrongState):
        play(remote(SIGN_IN), person.reads(), wrong, (Show, None), wrong, (Show, None), wrong)


def test_a_declined_sign_in() -> None:
    """The other machine's browser may say No."""
    person = Person()
    with pytest.raises(CredentialError, match="declined"):
        play(remote(SIGN_IN), person.reads(), person.pastes(error="access_denied", state=""))


def test_a_page_that_never_redirects() -> None:
    """The words of Google's page, pasted here, are explained."""
    with pytest.raises(CredentialError, match="test users"):
        play(remote(SIGN_IN), Person().reads(), (Ask, "Error 403: access_denied"))


# ------------------------------------------------------------------------------------ the helper


def received(**query: str) -> str:
    """Return what the listener receives."""
    return f"http://127.0.0.1:4711/?{urlencode(query)}"


def test_the_helpers_way() -> None:
    """It listens, opens the page with its own address in it, and hands on what came there."""

    def opened(step: OpenBrowser) -> bool:
        asked = query_of(step.url)
        assert asked == {**QUERY, "redirect_uri": "http://localhost:4711/"}
        assert step.url.startswith(GOOGLE.authorization)
        return True

    line = play(
        helper(WANTED),
        (Bind(0), "http://127.0.0.1:4711/"),
        (OpenBrowser, opened),
        (Show, None),
        (Receive, "http://127.0.0.1:4711/favicon.ico"),
        (Reply, lambda step: check(step, 404)),
        (Receive, received(code="4/evil", state="another")),
        (Reply, lambda step: check(step, 400)),
        (Receive, received(code="4/0A", state="s" * 43)),
        (Reply, lambda step: check(step, 200)),
    )
    assert line == f"https://localhost:4711/?code=4%2F0A&state={'s' * 43}"


def check(step: Reply, status: int) -> None:
    """See that a page has this status."""
    assert step.status == status


def test_a_helper_without_a_browser() -> None:
    """The address is shown to be opened by hand."""

    def shown(step: Show) -> None:
        assert "Open this address in a browser here" in step.text

    play(
        helper(WANTED, port=4711),
        (Bind(4711), "http://127.0.0.1:4711/"),
        (OpenBrowser, False),
        (Show, shown),
        (Receive, received(error="access_denied", state="s" * 43)),
        (Reply, None),
    )


@pytest.mark.parametrize("end", [(Receive, None), (Now, NOON + 301)])
def test_nobody_signs_in(end: tuple[Any, Any]) -> None:
    """It ends after the time-out, whatever else came in between."""
    lines = [
        (Bind, "http://127.0.0.1:4711/"),
        (OpenBrowser, True),
        (Show, None),
        (Now, NOON),
        end if end[0] is Now else (Now, NOON),
    ]
    with pytest.raises(CredentialError, match="within 300 seconds"):
        play(helper(WANTED), *lines, *([end] if end[0] is Receive else []))


def test_what_the_person_is_told() -> None:
    """The client and the scopes by name, and what the line is worth."""
    told = WANTED.describe()
    assert CLIENT.client_id in told
    assert "cloud-platform" in told
    assert "act as you" in told
    assert "granted before" not in told


def test_the_person_is_told_of_earlier_grants() -> None:
    """With `include_granted_scopes` the line is worth more than the scopes that are named."""
    more = Bootstrap.from_url(f"{URL}&include_granted_scopes=true", GOOGLE)
    assert "all that this client was granted before" in more.describe()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"redirect_uri": "http://localhost:1/"}, "redirect_uri"),
        ({"redirect_uri": ""}, "redirect_uri"),
        ({"response_type": "token"}, "something else"),
        ({"response_type": None}, "something else"),
        ({"client_id": None}, "no client"),
        ({"client_id": "1-x.apps.googleusercontent.com\n  scopes  openid"}, "no client"),
        ({"client_id": "1-x\x1b[8m"}, "no client"),
        ({"scope": None}, "no scopes"),
        ({"scope": "openid \x1b[8m"}, "no scopes"),
        ({"scope": "openid https://www.googleapis.com/auth/x\u202e"}, "no scopes"),
        ({"prompt": "none"}, "no page"),
        ({"state": None}, "no state"),
        ({"code_challenge": None}, "PKCE"),
        ({"code_challenge": "short"}, "PKCE"),
        ({"code_challenge_method": "plain"}, "PKCE"),
        ({"code_challenge_method": None}, "PKCE"),
        ({"response_mode": "form_post"}, "another form"),
        ({"continue": "https://evil.example"}, "it has continue"),
    ],
)
def test_a_request_that_is_not_such_a_sign_in(change: dict[str, str | None], why: str) -> None:
    """Each parameter is checked before anything is asked or opened."""
    query = {name: value for name, value in (QUERY | change).items() if value is not None}
    with pytest.raises(UsageError, match=why):
        Bootstrap.from_url(f"{GOOGLE.authorization}?{urlencode(query)}", GOOGLE)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "file:///etc/passwd",
        "http://[::1",
        URL.replace("https:", "http:"),
        URL.replace("accounts.google.com", "accounts.google.com.evil.example"),
        URL.replace("accounts.google.com", "accounts.google.com@evil.example"),
        URL.replace("accounts.google.com", "accounts.google.com:444"),
        URL.replace("accounts.google.com", "user@accounts.google.com"),
        URL.replace("/o/oauth2/auth", "/signin/continue"),
        URL.replace("/o/oauth2/auth", "/o/oauth2/auth/../../evil"),
        f"{URL}#fragment",
        f"{URL}&state=twice",
        f"{URL}&scope",
        URL.replace("https://accounts.google.com", "http://127.0.0.1:8085"),
    ],
)
def test_what_leads_elsewhere(url: str) -> None:
    """Only Google's authorization endpoint is ever opened."""
    with pytest.raises(UsageError, match="no --remote-bootstrap address"):
        Bootstrap.from_url(url, GOOGLE)


@pytest.mark.parametrize(
    "url", [URL, URL.replace("https://accounts.google.com", "http://localhost:8085")]
)
def test_an_emulator_stands_in_for_google(url: str) -> None:
    """With an emulator named, Google's address and its own are opened there."""
    wanted = Bootstrap.from_url(url, EMULATOR)
    assert wanted.to_url("http://localhost:1/").startswith(EMULATOR.authorization)


@pytest.mark.parametrize(
    "base", ["http://127.0.0.1:9", "http://a@127.0.0.1:8085", "http://[::2]:8085"]
)
def test_an_emulators_neighbours(base: str) -> None:
    """Another port or host of this machine is none of the emulator's."""
    with pytest.raises(UsageError, match="leads to"):
        Bootstrap.from_url(URL.replace("https://accounts.google.com", base), EMULATOR)


def test_an_emulators_client_is_not_shown_to_google() -> None:
    """Its address over there was Google's, but nobody named the emulator here."""
    url = URL.replace(CLIENT.client_id, EMULATED_CLIENT.client_id)
    with pytest.raises(CredentialError, match="not sent to Google"):
        Bootstrap.from_url(url, GOOGLE)


# ---------------------------------------------------------------------------------- one another


def answered(flow: Flow[str], url: str, code: str) -> str:
    """Play a helper's browser: the line that it ends with."""
    state = query_of(url)["state"]
    return play(
        flow,
        (Bind, "http://127.0.0.1:8199/"),
        (OpenBrowser, True),
        (Show, None),
        (Receive, f"http://127.0.0.1:8199/?state={state}&code={code}"),
        (Reply, None),
    )


@pytest.mark.parametrize("which", ["gemauth", "gcloud"])
def test_our_request_with_either_helper(which: str) -> None:
    """The helpers of gemauth and of gcloud end with the line that our request takes."""
    flow = remote(EMULATED)
    step = next(flow)
    assert isinstance(step, Show)
    url = url_in(step.text, which)
    assert isinstance(next(flow), Ask)
    if which == "gemauth":
        line = answered(helper(Bootstrap.from_url(url, EMULATOR)), url, "4/0A")
    else:
        line = answered(gcloud.helper(url, EMULATOR), url, "4/0A")
    sent = flow.send(line)
    form = form_of(sent)
    assert (form["code"], form["redirect_uri"]) == ("4/0A", "http://localhost:8199/")


def test_gclouds_request_with_our_helper() -> None:
    """What gcloud prints is taken, and it takes our line."""
    client = EMULATED_CLIENT.__class__(
        "installed", GCLOUD_CLIENT_ID, "GOCSPX-emu-x", None, GOOGLE.authorization, GOOGLE.token
    )
    theirs = SignIn(client, EMULATOR, (scopes.CLOUD_PLATFORM,))
    flow = gcloud.other_machine(theirs, "gcloud auth application-default login")
    step = next(flow)
    assert isinstance(step, Show)
    url = url_in(step.text, "gcloud")
    next(flow)
    line = answered(helper(Bootstrap.from_url(url, EMULATOR)), url, "4/0A")
    assert form_of(flow.send(line))["code"] == "4/0A"
