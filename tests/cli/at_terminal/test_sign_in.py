from __future__ import annotations

import json
import os
import socket
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from gemauth.testing.person import Person
from tests.cli.at_terminal.far_side import ADC, shown_url
from tests.cli.at_terminal.session import CTRL_C, CTRL_D, Session

CODE = "4/0emu-code"

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.at_terminal.far_side import Desk, Slow

pytestmark = pytest.mark.processes

QUESTION = "Address (or code): "
LOGIN = ("login", "--client-id-file", "client_secret.json")
PASTE = (*LOGIN, "--no-browser")
BROWSER = {"DISPLAY": ":0", "BROWSER": "true"}


def test_pasted(desk: Desk) -> None:
    """The address is asked for, and what is pasted signs in; the terminal is as it was."""
    with Session(*PASTE) as there:
        there.until(QUESTION)
        there.type(desk.consent(there) + "\n")
        assert there.end() == 0, there.shown
        assert there.echoes
    assert "readable by you alone" in there.shown
    assert desk.adc.exists()


def test_pasted_at_the_second_try(desk: Desk) -> None:
    """An empty line and a slip are told, and asked for again."""
    with Session(*PASTE) as there:
        there.until(QUESTION)
        there.type("\n")
        there.until("neither an address with a code in it nor a code.\n" + QUESTION)
        there.type(desk.consent(there) + "\n")
        assert there.end() == 0, there.shown


def test_nothing_pasted(desk: Desk) -> None:
    """Three empty lines are an end: 3, and what to do; nothing is left behind."""
    before = desk.left()
    with Session(*PASTE) as there:
        there.until(QUESTION)
        there.type("\n\n\n")
        assert there.end() == 3
    assert there.shown.count(QUESTION) == 3
    assert "Start over" in there.shown
    assert desk.left() == before


@pytest.mark.parametrize(
    ("keys", "code", "told"), [(CTRL_C, 130, "Stopped."), (CTRL_D, 2, "the input has ended")]
)
def test_left_at_the_question(desk: Desk, keys: str, code: int, told: str) -> None:
    """Ctrl-C is 130 and one word, Ctrl-D a usage error; neither leaves anything behind."""
    before = desk.left()
    with Session(*PASTE) as there:
        there.until(QUESTION)
        there.type(keys)
        assert there.end() == code
        assert there.echoes
    assert told in there.shown
    assert "Traceback" not in there.shown
    assert desk.left() == before


@pytest.mark.parametrize("form", ["table", "json"])
def test_nobody_can_answer(desk: Desk, form: str) -> None:
    """Where the input has ended, it ends at once and names the two-step way."""
    with Session(*PASTE, "--format", form, stdin="nowhere", stdout="elsewhere") as there:
        assert there.end() == 2
        assert there.out == ""
    assert "gemauth login --start --client-id-file FILE" in there.shown


def test_a_pipe_answers(desk: Desk) -> None:
    """What a program writes to standard input counts as typed; the result is alone on stdout."""
    with Session(*PASTE, stdout="elsewhere") as first:
        first.until(QUESTION)
        address = desk.consent(first)
    assert "127.0.0.1" in address  # of that sign-in, not of the next
    with Session(
        *PASTE, "--format", "json", stdin="elsewhere", stdout="elsewhere", typed=f"{address}\n"
    ) as there:
        assert there.end() == 2
        assert "another sign-in" in there.shown
        assert there.out == ""


def test_two_steps(desk: Desk) -> None:
    """--finish - asks at a terminal; Ctrl-C there leaves the sign-in waiting for its end."""
    with Session("login", "--start", "--client-id-file", "client_secret.json") as there:
        assert there.end() == 0
        begun = json.loads(there.shown[: there.shown.index("\n}") + 2])
    before = desk.left()
    for keys, code in ((CTRL_C, 130), (CTRL_D, 2)):
        with Session("login", "--finish", "-") as there:
            there.until("Address: ")
            there.type(keys)
            assert there.end() == code
        assert desk.left() == before
    with Session("login", "--finish", "-") as there:
        there.until("Address: ")
        there.type(Person("ada@example.com").consent(begun["url"]) + "\n")
        assert there.end() == 0, there.shown


def test_stopped_while_the_browser_is_out(desk: Desk) -> None:
    """Ctrl-C ends the wait: the port is free, and nothing is left behind."""
    before = desk.left()
    with Session(*LOGIN, environ={**os.environ, **BROWSER}) as there:
        query = parse_qs(urlsplit(shown_url(there)).query)
        port = urlsplit(query["redirect_uri"][0]).port
        assert port
        there.type(CTRL_C)
        assert there.end() == 130
        assert there.shown.endswith("^C\nStopped.\n")
    with socket.create_server(("127.0.0.1", port)):
        pass
    assert desk.left() == before


@pytest.fixture
def client(slow: Slow) -> None:
    """A client file that leads to the slow server."""
    slow.client_file()


def answer(there: Session) -> str:
    """What a browser would end at."""
    query = parse_qs(urlsplit(shown_url(there)).query)
    return f"{query['redirect_uri'][0]}?code={CODE}&state={query['state'][0]}\n"


@pytest.mark.usefixtures("client")
def test_stopped_while_the_code_is_exchanged(slow: Slow, home: Path) -> None:
    """Ctrl-C does not wait for the token endpoint; nothing is kept."""
    slow.hold("POST /token")
    with Session(*PASTE) as there:
        there.until(QUESTION)
        there.type(answer(there))
        slow.wait_until_asked()
        there.type(CTRL_C)
        assert there.end() == 130
    assert "Traceback" not in there.shown
    assert CODE not in there.shown.partition(QUESTION)[2].partition("\n")[2]
    assert not (home / ADC).exists()


@pytest.mark.usefixtures("client")
def test_stopped_at_the_first_call(slow: Slow, home: Path) -> None:
    """Ctrl-C during the proof tells that the credentials are kept, and where."""
    slow.hold("GET /v1beta/models")
    with Session(*PASTE) as there:
        there.until(QUESTION)
        there.type(answer(there))
        slow.wait_until_asked()
        there.type(CTRL_C)
        assert there.end() == 130
    assert (home / ADC).exists()
    assert "Stopped." in there.shown
    assert "are kept" in there.shown
    assert ADC in there.shown
