from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from gemauth.client.doctor import environment
from gemauth.client.doctor.case import Case
from gemauth.client.doctor.finding import State

if TYPE_CHECKING:
    from pathlib import Path


def test_google_or_an_emulator() -> None:
    """Whom calls go to, and what says so; the case knows it from then on."""
    case = Case({})
    assert environment.side(case).message == "Calls go to Google."
    assert case.endpoints is not None
    assert not case.emulated
    case = Case({"GEMAUTH_EMULATOR": "http://127.0.0.1:1"})
    assert "GEMAUTH_EMULATOR says so" in environment.side(case).message
    assert case.emulated
    case = Case({}, emulator="http://127.0.0.1:1")
    assert "--emulator says so" in environment.side(case).message


def test_variables_that_lead_away() -> None:
    """API keys and SDKs' own variables are warned of, each with the command that ends it."""
    case = Case({"GEMINI_API_KEY": "AIzaX", "GOOGLE_GEMINI_BASE_URL": "http://x"})
    keys, routes = environment.api_keys(case), environment.sdk_variables(case)
    assert (keys.state, keys.next_step) == (State.WARNING, "unset GEMINI_API_KEY")
    assert (routes.state, routes.next_step) == (State.WARNING, "unset GOOGLE_GEMINI_BASE_URL")
    assert environment.api_keys(Case({})).state is State.OK
    assert environment.sdk_variables(Case({})).state is State.OK


def test_certificates(home: Path) -> None:
    """A file that is not there: fatal where we read it, a warning where only others do."""
    assert environment.certificates(Case({})).state is State.OK
    bundle = home / "ca.pem"
    bundle.write_text("")
    there = environment.certificates(Case({"SSL_CERT_FILE": str(bundle)}))
    assert (there.state, "SSL_CERT_FILE" in there.message) == (State.OK, True)
    ours = environment.certificates(Case({"SSL_CERT_FILE": "/nowhere"}))
    assert (ours.state, ours.exit_code, ours.next_step) == (State.FAILED, 2, "unset SSL_CERT_FILE")
    assert ours.evidence == "SSL_CERT_FILE=/nowhere"
    folder = environment.certificates(Case({"SSL_CERT_FILE": str(home)}))
    assert (folder.state, folder.next_step) == (State.FAILED, "unset SSL_CERT_FILE")
    assert environment.certificates(Case({"SSL_CERT_DIR": str(home)})).state is State.OK
    several = os.pathsep.join(["/nowhere", str(home)])  # as OpenSSL takes it
    assert environment.certificates(Case({"SSL_CERT_DIR": several})).state is State.OK
    assert environment.certificates(Case({"CURL_CA_BUNDLE": str(home)})).state is State.OK
    hidden = environment.certificates(Case({"SSL_CERT_FILE": "/" + "x" * 300}))  # not told
    assert hidden.state is State.FAILED
    others = environment.certificates(Case({"NODE_EXTRA_CA_CERTS": "/nowhere"}))
    assert (others.state, others.next_step) == (State.WARNING, "unset NODE_EXTRA_CA_CERTS")


@pytest.mark.parametrize(
    ("environ", "state", "words"),
    [
        ({}, State.OK, "No proxy"),
        ({"HTTPS_PROXY": "http://ada:pw@proxy:3128"}, State.OK, "through proxy:3128."),
        ({"https_proxy": "proxy", "NO_PROXY": ".corp"}, State.OK, "through proxy, but for .corp."),
        ({"ALL_PROXY": "http://ada:pw@proxy"}, State.WARNING, "ALL_PROXY is set"),
        ({"HTTPS_PROXY": "http://a", "https_proxy": "http://b"}, State.WARNING, "differ"),
        ({"HTTPS_PROXY": "socks5://ada:pw@x"}, State.FAILED, "no http or https URL"),
        ({"HTTPS_PROXY": "http://ada:pw@x:99999"}, State.FAILED, "no http or https URL"),
    ],
)
def test_proxy(environ: dict[str, str], state: State, words: str) -> None:
    """Where https goes is told; the proxy's password is not."""
    found = environment.proxy(Case(environ))
    assert found.state is state
    assert words in found.message
    assert "pw" not in repr(found)
