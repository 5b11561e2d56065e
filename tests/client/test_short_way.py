from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from gemauth.cli.main import main
from gemauth.client.cache import tokens
from gemauth.client.cache.lock import FileLock, lock_file
from gemauth.client.flows import assertion
from gemauth.client.short_way import (
    AUDIENCE,
    LIFETIME,
    TIMEOUT,
    TOKEN_ENDPOINT,
    handing_on,
    renewed,
    signed,
)
from gemauth.client.sources import chain, service_account
from gemauth.client.transport import TIMEOUT as TRANSPORTS
from gemauth.client.transport import Transport
from gemauth.google.endpoints import GOOGLE
from gemauth.http import Request
from gemauth.oauth import jwt
from tests.client.flows.test_assertion import KEY
from tests.client.loopback_google import TOKEN, LoopbackGoogle
from tests.client.transcript import Sender, answer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = 1_795_000_000.0
USER = {
    "type": "authorized_user",
    "client_id": "1-x.apps.googleusercontent.com",
    "client_secret": "GOCSPX-x y&z",
    "refresh_token": "1//0-x/+",
}


@pytest.fixture(autouse=True)
def _nothing_to_hand_on() -> Iterator[None]:
    """Each test is a process of its own."""
    yield
    handing_on(Sender())


@pytest.fixture
def google(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackGoogle]:
    """Google's names behind a proxy."""
    with LoopbackGoogle(tmp_path) as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.ca))
        yield server


@pytest.fixture
def environ(google: LoopbackGoogle, home: Path) -> dict[str, str]:
    """The way there, and a home."""
    return {"HOME": str(home), **google.environ}


def place_of(environ: dict[str, str], credential: bytes, how: str = "") -> str:
    """Return the cache's entry."""
    place = tokens.entry(environ, credential, (), "", how)
    assert place is not None
    return place


def test_the_numbers_are_the_long_ways() -> None:
    """What is written twice, so as not to load it, is the same."""
    assert GOOGLE.token == TOKEN_ENDPOINT
    assert service_account.AUDIENCE == AUDIENCE
    assert assertion.LIFETIME == LIFETIME
    assert TRANSPORTS == TIMEOUT


def test_a_refresh_is_the_long_ways(
    environ: dict[str, str], google: LoopbackGoogle, home: Path
) -> None:
    """The same request, to the byte, and the same entry in the cache."""
    body = {"access_token": TOKEN, "expires_in": 3599, "scope": "a b", "token_type": "Bearer"}
    google.answers["/token"] = 200, json.dumps(body).encode()
    credential = json.dumps(USER).encode()
    place = place_of(environ, credential)
    assert renewed(environ, credential, place, NOW) == TOKEN
    short = tokens.lookup(place)
    tokens.forget(place)
    file = home / "user.json"
    file.write_bytes(credential)
    with Transport(environ) as transport:
        found = chain.load(file, environ=environ).credentials
        assert found.token(transport=transport).value == TOKEN
    long = tokens.lookup(place)
    assert short is not None
    assert long is not None
    assert short == replace(long, expires_at=NOW + 3599, issued_at=NOW)
    assert long.expires_at is not None
    assert long.issued_at == long.expires_at - 3599
    assert google.seen[:2] == google.seen[2:]
    assert [seen.method for seen in google.seen[:2]] == ["CONNECT", "POST"]


def test_a_token_that_came_meanwhile(environ: dict[str, str], google: LoopbackGoogle) -> None:
    """What another process has stored is taken, and nothing is asked."""
    credential = json.dumps(USER).encode()
    place = place_of(environ, credential)
    tokens.keep(place, "ya29.other", NOW + 3000, (), NOW)
    assert renewed(environ, credential, place, NOW) == "ya29.other"
    assert not google.seen


def test_somebody_else_refreshes(environ: dict[str, str], google: LoopbackGoogle) -> None:
    """While another process has the lock, the long way waits for it."""
    credential = json.dumps(USER).encode()
    place = place_of(environ, credential)
    lock = FileLock(lock_file(place))
    assert lock.acquire()
    assert renewed(environ, credential, place, NOW) is None
    lock.release()
    assert not google.seen
    assert renewed(environ, credential, place, NOW) == TOKEN


@pytest.mark.parametrize(
    "change",
    [
        {"type": "external_account_authorized_user"},
        {"refresh_token": None},
        {"refresh_token": "1//emu-x"},
        {"refresh_token": "1//\ud800"},
        {"client_id": "1-emu0.apps.googleusercontent.com"},
        {"client_secret": "GOCSPX-emu-x"},
        {"universe_domain": "example.com"},
    ],
)
def test_files_for_the_long_way(
    change: dict[str, Any], environ: dict[str, str], google: LoopbackGoogle
) -> None:
    """An emulator's, another type's and an odd one are left alone: nothing is sent."""
    credential = json.dumps({**USER, **change}).encode()
    assert renewed(environ, credential, place_of(environ, credential), NOW) is None
    assert not google.seen


@pytest.mark.parametrize("credential", [b"", b"[]", b"{", b"[" * 100_000, b"\xff"])
def test_no_file_at_all(credential: bytes, environ: dict[str, str]) -> None:
    """What is no JSON object is left to the long way, which says so."""
    assert renewed(environ, credential, place_of(environ, credential), NOW) is None
    assert signed(environ, credential, place_of(environ, credential), NOW) is None


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, b'{"error": "invalid_grant"}'),
        (503, b""),
        (200, b"<html>"),
        (200, b"[]"),
        (200, b'{"access_token": 1, "expires_in": 3599}'),
        (200, b'{"access_token": "ya29.x"}'),
        (200, b'{"access_token": "ya29.emu-x", "expires_in": 3599}'),
        (200, b'{"access_token": "ya29.x", "expires_in": 3599, "scope": ["a"]}'),
        (302, b'{"access_token": "ya29.x", "expires_in": 3599}'),
    ],
)
def test_answers_for_the_long_way(
    status: int, body: bytes, environ: dict[str, str], google: LoopbackGoogle
) -> None:
    """Whatever is no plain token is explained by the long way; nothing is stored, the lock free."""
    google.answers["/token"] = status, body
    credential = json.dumps(USER).encode()
    place = place_of(environ, credential)
    assert renewed(environ, credential, place, NOW) is None
    assert tokens.lookup(place) is None
    lock = FileLock(lock_file(place))
    assert lock.acquire()
    lock.release()


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (400, {"error": "invalid_grant", "error_description": "Bad Request"}, "invalid_grant"),
        (401, {"error": "deleted_client"}, "deleted_client"),
        (200, {"token_type": "Bearer"}, "access_token"),
        (404, {}, "HTTP 404"),
    ],
)
def test_a_refusal_costs_one_request(
    status: int,
    body: dict[str, str],
    told: str,
    environ: dict[str, str],
    google: LoopbackGoogle,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The long way explains the answer that the short way got; the next process asks anew."""
    google.answers["/token"] = status, json.dumps(body).encode()
    (home / "user.json").write_text(json.dumps(USER))
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(home / "user.json"))
    for asked in (1, 2):
        assert main(["print-access-token"]) in {3, 5}
        shown = capsys.readouterr()
        assert shown.out == ""
        assert told in shown.err
        assert [seen.method for seen in google.seen] == ["CONNECT", "POST"] * asked


def test_an_answer_is_for_its_own_request(environ: dict[str, str], google: LoopbackGoogle) -> None:
    """Once, and for no other sign-in, address or second attempt."""
    sender = Sender(*[answer(200, {}) for _ in range(4)])
    assert handing_on(sender) is sender
    google.answers["/token"] = 503, b"busy"
    credential = json.dumps(USER).encode()
    assert renewed(environ, credential, place_of(environ, credential), NOW) is None
    handed = handing_on(sender)
    body = google.seen[-1].body
    assert handed.send(Request("POST", TOKEN_ENDPOINT, body=body + b"&x=y")).status == 200
    assert handed.send(Request("POST", GOOGLE.revocation, body=body)).status == 200
    found = handed.send(Request("POST", TOKEN_ENDPOINT, body=body))
    assert (found.status, found.body) == (503, b"busy")
    assert handed.send(Request("POST", TOKEN_ENDPOINT, body=body)).status == 200
    assert handing_on(sender) is sender


@pytest.mark.parametrize(
    "proxy", ["https://127.0.0.1:1", "http://a:b@127.0.0.1:1", "127.0.0.1:1", "http://127.0.0.1:1"]
)
def test_proxies_for_the_long_way(proxy: str, environ: dict[str, str]) -> None:
    """An unusual proxy, and one that does not answer."""
    credential = json.dumps(USER).encode()
    environ |= {"HTTPS_PROXY": proxy}
    assert renewed(environ, credential, place_of(environ, credential), NOW) is None


def test_a_cache_that_cannot_be_written(environ: dict[str, str], tmp_path: Path) -> None:
    """The token is good all the same."""
    (tmp_path / "file").write_bytes(b"")
    credential = json.dumps(USER).encode()
    assert renewed(environ, credential, str(tmp_path / "file" / "tokens" / "x"), NOW) == TOKEN


def test_a_signature_is_the_long_ways(environ: dict[str, str]) -> None:
    """The same header and claims, by the same key, stored where the long way finds them."""
    credential = json.dumps(KEY.to_json()).encode()
    place = place_of(environ, credential, "self-signed")
    token = signed(environ, credential, place, NOW)
    assert token == assertion.self_signed(KEY, NOW, audience=AUDIENCE).value
    kept = tokens.lookup(place)
    assert kept is not None
    assert (kept.value, kept.expires_at) == (token, jwt.decode(token).claims["exp"])


def test_a_key_is_noted(environ: dict[str, str], home: Path) -> None:
    """Either way notes the same key in the same place."""
    credential = json.dumps(KEY.to_json()).encode()
    assert signed(environ, credential, place_of(environ, credential, "self-signed"), NOW)
    (note,) = (home / ".config/gemauth/validated-keys").iterdir()
    note.unlink()
    file = home / "key.json"
    file.write_bytes(credential)
    found = chain.load(file, environ=environ, self_signed=True).credentials
    tokens.forget(place_of(environ, credential, "self-signed"))
    found.token()
    assert note.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"type": "authorized_user"},
        {"token_uri": "http://127.0.0.1:8085/token"},
        {"token_uri": "https://evil.example/token"},
        {"private_key_id": "656d750000"},
        {"private_key_id": None},
        {"private_key": "no key"},
        {"universe_domain": "example.com"},
    ],
)
def test_keys_for_the_long_way(change: dict[str, Any], environ: dict[str, str]) -> None:
    """An emulator's, one for another server and what is no key are left alone."""
    credential = json.dumps({**KEY.to_json(), **change}).encode()
    assert signed(environ, credential, place_of(environ, credential), NOW) is None


HEAVY = {"dataclasses", "argparse", "urllib3", "http.client", "email", "asyncio", "logging"}


@pytest.mark.processes
@pytest.mark.parametrize(
    ("words", "never"),
    [
        (["print-access-token"], {"cryptography"}),
        (["print-access-token", "--self-signed", "--credentials", "KEY"], {"ssl", "_ssl"}),
    ],
)
def test_what_it_loads(
    words: list[str], never: set[str], environ: dict[str, str], home: Path
) -> None:
    """A refresh loads no cryptography, a signature no TLS, and neither what the long way needs."""
    (home / "user.json").write_text(json.dumps(USER))
    (home / "key.json").write_text(json.dumps(KEY.to_json()))
    environ |= {"GOOGLE_APPLICATION_CREDENTIALS": str(home / "user.json")}
    words = [word.replace("KEY", str(home / "key.json")) for word in words]
    code = (
        "import sys; from gemauth.cli.main import main; "
        f"assert main({words!r}) == 0; print(*sys.modules, file=sys.stderr)"
    )
    command = [sys.executable, "-I", "-c", code]
    for attempt in ("a key that is new", "a key seen before"):
        tokens.forget(place_of(environ, (home / "key.json").read_bytes(), "self-signed"))
        done = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
        assert done.stdout.startswith(("ya29.", "ey")), attempt
    loaded = {name for name in done.stderr.split() if not name.startswith("a1_coverage")}
    assert not (HEAVY | never) & loaded
