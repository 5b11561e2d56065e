"""Kills the emulator under load, again and again: nothing that it has answered may be lost.

Three threads sign people in, refresh, revoke and create things over HTTP, and note what was
answered in a ledger. At a random moment the process is killed (SIGKILL), its database is checked, a
new process is started on the same folder, and the ledger is held against it. A request that was
cut off may have been done or not; only what was answered counts.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import threading
import time
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from gemauth.errors import UnreachableError
from gemauth.google.client_secret import ClientSecret
from gemauth.testing.emulator import EmulatorProcess
from gemauth.testing.person import Person

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KILLS = 20
WORKERS = 3
LOAD = (0.2, 1.8)
"""Seconds of load before a kill: a random value from this range."""
SAMPLE = 60
"""How many older facts of a kind are checked after each kill; after the last one all are."""

PROJECT = "crash-project"
SCOPE = "https://www.googleapis.com/auth/generative-language.tuning openid"
REDIRECT = "http://127.0.0.1:1/callback"

CUT_OFF = (OSError, HTTPException, UnreachableError)


@dataclass
class SignIn:
    """One person's sign-in: what was answered for it, and whether its end was asked for."""

    email: str
    code: str
    refresh_token: str
    access_tokens: list[str]
    end: str = ""  # "" alive | "asked" unknown | "answered" over
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass
class Ledger:
    """Everything that an emulator has answered."""

    sign_ins: list[SignIn] = field(default_factory=list)
    projects: list[str] = field(default_factory=list)
    clients: list[str] = field(default_factory=list)
    disabled: list[str] = field(default_factory=list)
    models: list[str] = field(default_factory=list)


class Wire:
    """One thread's connection; every answer is (status, JSON)."""

    def __init__(self, address: str) -> None:
        self.address = address
        parts = urlsplit(address)
        self._connection = HTTPConnection(parts.hostname or "", parts.port, timeout=30)

    def form(self, path: str, **fields: str) -> tuple[int, dict[str, Any]]:
        """Post a form."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._send("POST", path, urlencode(fields), headers)

    def json(self, method: str, path: str, **members: Any) -> tuple[int, dict[str, Any]]:
        """Call the control API."""
        headers = {"Content-Type": "application/json"}
        body = None if method == "GET" else json.dumps(members)
        return self._send(method, f"/_emulator/v1{path}", body, headers)

    def get(self, path: str) -> tuple[int, dict[str, Any]]:
        """Get something."""
        return self._send("GET", path, None, {})

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _send(
        self, method: str, path: str, body: str | None, headers: dict[str, str]
    ) -> tuple[int, dict[str, Any]]:
        self._connection.request(method, path, body, headers)
        response = self._connection.getresponse()
        raw = response.read()
        return response.status, json.loads(raw) if raw else {}


class Load:
    """Threads that use an emulator until it is killed."""

    def __init__(
        self, address: str, client: ClientSecret, ledger: Ledger, seed: int, names: str
    ) -> None:
        self.address = address
        self.client = client
        self.ledger = ledger
        self.names = names
        self.killed = threading.Event()
        self.errors: list[BaseException] = []
        self.done = 0
        self._threads = [
            threading.Thread(target=self._work, args=(number, random.Random(seed + number)))
            for number in range(WORKERS)
        ]

    def start(self) -> None:
        """Start the threads."""
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        """Wait for the threads; raise what went wrong other than being cut off."""
        for thread in self._threads:
            thread.join()
        if self.errors:
            raise self.errors[0]

    def _work(self, number: int, chance: random.Random) -> None:
        steps: list[Callable[[Wire, random.Random, str], None]] = [
            self._sign_in,
            self._sign_in,
            self._refresh,
            self._refresh,
            self._revoke,
            self._create,
        ]
        count = 0
        with closing(Wire(self.address)) as wire:
            while not self.killed.is_set():
                count += 1
                try:
                    chance.choice(steps)(wire, chance, f"{self.names}-{number}-{count}")
                except CUT_OFF as error:
                    if not self.killed.is_set():
                        self.errors.append(error)
                    return
                except BaseException as error:  # noqa: BLE001  # raised again by join
                    self.errors.append(error)
                    return
                self.done += 1

    def _sign_in(self, wire: Wire, chance: random.Random, name: str) -> None:
        email = f"u{name}@corp.example.com"
        _ok(wire.json("POST", "/accounts", email=email, workspace=True))
        query = urlencode(
            {
                "client_id": self.client.client_id,
                "redirect_uri": REDIRECT,
                "response_type": "code",
                "scope": SCOPE,
                "access_type": "offline",
            }
        )
        landed = Person(email).consent(f"{self.address}/o/oauth2/v2/auth?{query}")
        code = parse_qs(urlsplit(landed).query)["code"][0]
        token = _ok(
            wire.form(
                "/token",
                grant_type="authorization_code",
                code=code,
                redirect_uri=REDIRECT,
                client_id=self.client.client_id,
                client_secret=self.client.client_secret,
            )
        )
        self.ledger.sign_ins.append(
            SignIn(email, code, token["refresh_token"], [token["access_token"]])
        )

    def _refresh(self, wire: Wire, chance: random.Random, name: str) -> None:
        if not self.ledger.sign_ins:
            return
        one = chance.choice(self.ledger.sign_ins)
        with one.lock:
            if one.end:
                return
            token = _ok(refresh(wire, self.client, one))
            one.access_tokens.append(token["access_token"])

    def _revoke(self, wire: Wire, chance: random.Random, name: str) -> None:
        if len(self.ledger.sign_ins) < 5:
            return
        one = chance.choice(self.ledger.sign_ins)
        with one.lock:
            if one.end:
                return
            one.end = "asked"
            token = chance.choice([one.refresh_token, one.access_tokens[-1]])
            _ok(wire.form("/revoke", token=token))
            one.end = "answered"

    def _create(self, wire: Wire, chance: random.Random, name: str) -> None:
        project = f"project-{name}"
        _ok(wire.json("POST", "/projects", projectId=project))
        self.ledger.projects.append(project)
        made = _ok(wire.json("POST", f"/projects/{PROJECT}/clients", kind="desktop", name=name))
        self.ledger.clients.append(made["clientId"])
        if chance.random() < 0.5:
            _ok(wire.json("POST", f"/clients/{made['clientId']}/disable"))
            self.ledger.disabled.append(made["clientId"])
        model = {"id": f"m{name}", "owner": "ada@corp.example.com", "project": PROJECT}
        _ok(wire.json("POST", "/tuned-models", **model))
        self.ledger.models.append(f"tunedModels/m{name}")


def refresh(wire: Wire, client: ClientSecret, one: SignIn) -> tuple[int, dict[str, Any]]:
    """Ask for a new access token."""
    return wire.form(
        "/token",
        grant_type="refresh_token",
        refresh_token=one.refresh_token,
        client_id=client.client_id,
        client_secret=client.client_secret,
    )


def _ok(answer: tuple[int, dict[str, Any]]) -> dict[str, Any]:
    status, body = answer
    assert status == 200, (status, body)
    return body


def hold(
    address: str, client: ClientSecret, ledger: Ledger, chance: random.Random, *, everything: bool
) -> None:
    """Hold the ledger against an emulator."""

    def some(facts: list[Any]) -> list[Any]:
        if everything:
            return facts
        return facts[-SAMPLE:] + chance.sample(facts[:-SAMPLE], min(SAMPLE, len(facts[:-SAMPLE])))

    with closing(Wire(address)) as wire:
        accounts = {a["email"] for a in _ok(wire.json("GET", "/accounts"))["accounts"]}
        projects = {p["projectId"] for p in _ok(wire.json("GET", "/projects"))["projects"]}
        found = _ok(wire.json("GET", f"/projects/{PROJECT}/clients"))["clients"]
        states = {c["clientId"]: c["state"] for c in found}
        models = {m["name"] for m in _ok(wire.json("GET", "/tuned-models"))["tunedModels"]}
        assert {one.email for one in ledger.sign_ins} <= accounts
        assert set(ledger.projects) <= projects
        assert set(ledger.clients) <= states.keys()
        assert all(states[client_id] == "disabled" for client_id in ledger.disabled)
        assert set(ledger.models) <= models
        for one in some(ledger.sign_ins):
            if one.end == "asked":  # cut off: done or not, and settled now
                one.end = "answered" if refresh(wire, client, one)[0] == 400 else ""
            for access_token in one.access_tokens:
                status, body = wire.get(f"/tokeninfo?{urlencode({'access_token': access_token})}")
                assert status == (400 if one.end else 200), (one.email, one.end, body)
            status, body = refresh(wire, client, one)
            if one.end:
                assert (status, body["error"]) == (400, "invalid_grant")
            else:
                one.access_tokens.append(_ok((status, body))["access_token"])
        alive = [one for one in ledger.sign_ins if not one.end]
        if alive:
            replay(wire, client, chance.choice(alive))


def replay(wire: Wire, client: ClientSecret, one: SignIn) -> None:
    """Spend a code again: it is refused, and its sign-in ends, as without a crash."""
    one.end = "answered"
    status, body = wire.form(
        "/token",
        grant_type="authorization_code",
        code=one.code,
        redirect_uri=REDIRECT,
        client_id=client.client_id,
        client_secret=client.client_secret,
    )
    assert (status, body["error"]) == (400, "invalid_grant")


def check_database(folder: Path, copy: Path) -> None:
    """Check a copy of a killed emulator's database, as the kill has left it."""
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir()
    for path in folder.glob("emulator.sqlite3*"):
        if not path.name.endswith("-shm"):  # made anew from the log
            shutil.copy(path, copy)
    with closing(sqlite3.connect(copy / "emulator.sqlite3")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def prepare(emulator: EmulatorProcess) -> ClientSecret:
    """Set up an Internal app, which any number of its organization's people may use."""
    answer = emulator.control.seed(
        {
            "accounts": [{"email": "ada@corp.example.com", "workspace": True}],
            "projects": [
                {
                    "projectId": PROJECT,
                    "owner": "ada@corp.example.com",
                    "organization": "corp.example.com",
                    "consentScreen": {
                        "appName": "Crash",
                        "supportEmail": "ada@corp.example.com",
                        "userType": "internal",
                    },
                    "clients": [{"kind": "desktop", "name": "load"}],
                }
            ],
        }
    )
    return ClientSecret.from_json(answer["clients"][0]["file"])


@pytest.mark.crash
@pytest.mark.timeout(240)
def test_twenty_kills_lose_nothing(tmp_path: Path) -> None:
    """Twenty times kill -9 at a random moment under load: every token that was answered is good,
    every revocation in force, every project, client and model there, and the database is whole.
    """
    seed = int(os.environ.get("CRASH_SEED") or random.randrange(2**32))
    print(f"\nCRASH_SEED={seed}")  # to run the same moments again
    chance = random.Random(seed)
    folder = tmp_path / "data"
    environ = {**os.environ, "PYTHONPYCACHEPREFIX": str(tmp_path / "compiled")}  # starts sooner
    environ.pop("PYTHONDONTWRITEBYTECODE", None)
    ledger = Ledger()
    client: ClientSecret | None = None
    done = 0
    for kill in range(KILLS):
        with EmulatorProcess(folder, environ=environ) as emulator:
            client = client or prepare(emulator)
            hold(emulator.address, client, ledger, chance, everything=False)
            load = Load(emulator.address, client, ledger, chance.randrange(2**32), str(kill))
            load.start()
            time.sleep(chance.uniform(*LOAD))
            load.killed.set()
            emulator.kill()
            load.join()
            done += load.done
        check_database(folder, tmp_path / "copy")
    assert client is not None
    with EmulatorProcess(folder, environ=environ) as emulator:
        hold(emulator.address, client, ledger, chance, everything=True)
    ended = sum(one.end == "answered" for one in ledger.sign_ins)
    print(
        f"{done} steps, {len(ledger.sign_ins)} sign-ins ({ended} ended), "
        f"{len(ledger.projects)} projects, {len(ledger.models)} models; none lost"
    )
    assert ended > 0
    assert len(ledger.sign_ins) > KILLS
    assert len(ledger.projects) > KILLS
