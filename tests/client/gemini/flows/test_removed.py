from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

import gemauth
from gemauth.client.calls.refusal import ResourceNotFoundError
from gemauth.client.credentials import Credentials
from gemauth.client.gemini.flows.corpora import Corpora
from gemauth.client.gemini.flows.documents import Documents
from gemauth.client.gemini.flows.models import Models
from gemauth.errors import NotFoundError
from gemauth.flow import Send
from gemauth.google.status import Code, Status, StatusError
from gemauth.http import Headers, Response
from gemauth.testing.clock import FakeClock
from gemauth.testing.emulator import EmulatorServer
from tests.client.gemini.flows.api import MINE
from tests.client.test_credentials import Fixed
from tests.client.test_end_to_end import ADA, Machine
from tests.client.transcript import EMULATOR, answer, play

if TYPE_CHECKING:
    from pathlib import Path

FRONT = Response(404, Headers({"Content-Type": "text/html"}), b"<title>Error 404</title>")
NO_METHOD = answer(501, **Status(Code.UNIMPLEMENTED, "Not yet.").to_json())


def test_a_method_that_google_removed() -> None:
    """A 404 of the front means that there is no such path: what is known of it is said."""
    with pytest.raises(NotFoundError) as caught:
        play(Documents(MINE).get("corpora/c/documents/d"), (Send, FRONT))
    assert "Google has removed GetDocument" in str(caught.value)
    assert "not certain" in str(caught.value)


def test_a_method_that_is_still_listed() -> None:
    """Then the path is somebody's mistake: nothing is said of Google."""
    for flow in (Corpora(MINE).get("c"), Models(MINE).get("m")):
        with pytest.raises(NotFoundError) as caught:
            play(flow, (Send, FRONT))
        assert "removed" not in str(caught.value)


def test_a_resource_that_does_not_exist() -> None:
    """An answer of the API itself is about the resource, not about the method."""
    gone = answer(404, **Status(Code.NOT_FOUND, "No such document.").to_json())
    with pytest.raises(ResourceNotFoundError) as caught:
        play(Documents(MINE).get("corpora/c/documents/d"), (Send, gone))
    assert "removed" not in str(caught.value)


def test_our_emulator(home: Path) -> None:
    """It has no corpora yet, and its refusal leads on."""
    with EmulatorServer(clock=FakeClock(time.time())) as server:
        machine = Machine(server, FakeClock(time.time()), home)
        machine.login(account=ADA)
        with (
            gemauth.Gemini(machine.default()) as gemini,
            pytest.raises(StatusError, match=r"does not do ListCorpora yet \(docs/coverage.md\)"),
        ):
            list(gemini.corpora.list())


def test_a_method_that_the_emulator_does_not_do() -> None:
    """The next step is Google, or another day; Google's own refusal is left alone."""
    emulated = Credentials("authorized_user", Fixed("ya29.emu-x"), EMULATOR)
    with pytest.raises(StatusError, match="emulator does not do GetCorpus yet"):
        play(Corpora(emulated).get("c"), (Send, NO_METHOD))
    with pytest.raises(StatusError) as caught:
        play(Corpora(MINE).get("c"), (Send, NO_METHOD))
    assert "emulator" not in str(caught.value)
