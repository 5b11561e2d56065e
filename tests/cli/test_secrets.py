"""No secret is told to anybody: every command, as it works and as it fails, against the emulator.

The secrets are read off the wire and from the files, whatever they look like; the output is then
searched for each, with GEMAUTH_DEBUG=1. Only where printing one is the command's job may it stand.
"""

from __future__ import annotations

import base64
import io
import json
import os
import re
from collections import defaultdict
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import pytest

from gemauth.client.transport import Transport
from gemauth.emulator.settings import Settings
from gemauth.http import parse_form
from gemauth.testing.emulator import EmulatorServer
from gemauth.testing.person import Person, SignInBlockedError
from tests.cli.terminal import Terminal
from tests.cli.test_end_to_end import ADA, BOB, EVE, MODEL, SEED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from gemauth.http import Request, Response

FORM_SECRETS = {"code", "code_verifier", "client_secret", "refresh_token", "token", "assertion"}
KINDS = {*FORM_SECRETS, "access_token", "id_token", "bearer", "private_key", "state"}
LOCKED = "tunedModels/locked"
ACCOUNTS = "/v1/projects/{}/serviceAccounts"
KEYS = f"{ACCOUNTS.format('-')}/robot-1@my-project.iam.gserviceaccount.com/keys"


class Witness:
    """Sees every secret that travels, and every word that is told."""

    def __init__(self) -> None:
        self.secrets: defaultdict[str, set[str]] = defaultdict(set)
        self.told: list[tuple[str, str]] = []

    def see(self, request: Request, response: Response) -> None:
        """Take the secrets from a request and its answer."""
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        self.keep("bearer", bearer)
        for name, value in parse_form(request.body).items():
            if name in FORM_SECRETS:
                self.keep(name, value)
        answer = json.loads(response.body) if response.body.startswith(b"{") else {}
        for name in ("access_token", "refresh_token", "id_token"):
            self.keep(name, answer.get(name, ""))
        if data := answer.get("privateKeyData"):
            self.keep("private_key", data)
            self.keep_key(json.loads(base64.b64decode(data)))

    def keep_key(self, file: Mapping[str, str]) -> None:
        """Remember the private half in a key's file."""
        for line in file["private_key"].splitlines()[1:-1]:
            self.keep("private_key", line)

    def keep(self, kind: str, secret: str) -> None:
        """Remember a secret."""
        if secret:
            self.secrets[kind].add(secret)

    def pasted(self, address: str) -> str:
        """Remember what is secret in the address that a browser ends at, and return it."""
        query = dict(parse_qsl(urlsplit(address).query))
        for name in ("code", "state"):
            self.keep(name, query.get(name, ""))
        return address

    def leaks(self) -> list[tuple[str, str]]:
        """Return what was told that holds a secret: the command, and the secret's kind."""
        return [
            (command, kind)
            for command, text in self.told
            for kind, secrets in self.secrets.items()
            if any(secret in text for secret in secrets)
        ]


class Machine:
    """A person's machine: runs commands, and has the witness hear what they tell."""

    def __init__(self, emulator: EmulatorServer, home: Path, witness: Witness) -> None:
        self.emulator = emulator
        self.witness = witness
        self.home = home
        seeded = emulator.control.seed(SEED)
        emulator.control.create_tuned_model("locked", owner=BOB, project="my-project")
        emulator.control.enable_service("my-project", "iam")
        file = seeded["clients"][0]["file"]
        witness.keep("client_secret", file["installed"]["client_secret"])
        (home / "client.json").write_text(json.dumps(file))

    def run(
        self,
        *words: str,
        code: int = 0,
        job: bool = False,
        forms: tuple[str, ...] = ("table", "json"),
        answer: Callable[[str], str] | None = None,
        typed: str = "",
        **environ: str,
    ) -> Terminal:
        """Run a command both for people and for programs; the last terminal is returned.

        Args:
            words: its words.
            code: its exit code.
            job: whether it is its job to print a secret on stdout.
            forms: the formats; one only for what can be done but once.
            answer: from the address to open to what is pasted.
            typed: what stands on its standard input.
            environ: more of the environment.
        """
        for form in forms:
            there = Terminal(
                typed,
                environ={
                    **os.environ,
                    "GEMAUTH_EMULATOR": self.emulator.address,
                    "GEMAUTH_DEBUG": "1",
                    **environ,
                },
            )
            if answer is not None:
                self._paste(there, answer)
            assert there.run(*words, "--format", form) == code, (words, there.err)
            # The address to open holds the state, and has to be shown.
            talk = re.sub(r"(?m)^    http\S+$", "", there.err)
            told = re.sub(r'(?m)^  "url": "http\S+",$', "", there.out)
            self.witness.told.append((" ".join(words), talk if job else told + talk))
        return there

    def _paste(self, there: Terminal, answer: Callable[[str], str]) -> None:
        def ask(prompt: str, *, secret: bool = False) -> str:
            (url,) = re.findall(r"(?m)^    (http\S+)$", there.err)
            return self.witness.pasted(answer(url))

        there.console.ask = ask  # type: ignore[method-assign]

    def login(self, *more: str, code: int = 0, answer: Callable[[str], str]) -> None:
        """Sign in by pasting."""
        words = ("login", "--client-id-file", "client.json", "--no-browser", *more)
        self.run(*words, code=code, answer=answer)


@pytest.fixture
def machine(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    """A machine whose every request is seen."""
    witness = Witness()
    send = Transport.send

    def seen(self: Transport, request: Request, timeout: float | None = None) -> Response:
        response = send(self, request, timeout)
        witness.see(request, response)
        return response

    monkeypatch.setattr(Transport, "send", seen)
    monkeypatch.chdir(home)
    log = io.StringIO()
    with EmulatorServer(Settings(), log=log) as emulator:
        yield Machine(emulator, home, witness)
    witness.told.append(("the emulator's log", log.getvalue()))
    # Each kind was seen, so that the search was one; then none of them was told.
    assert {*witness.secrets} >= KINDS
    assert witness.leaks() == []


def test_no_secret_is_told(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither what works, nor what is refused, nor a defect tells a secret."""
    sign_in(machine)
    work(machine)
    be_refused(machine)
    break_files(machine)
    break_down(machine, monkeypatch)
    sign_out(machine)


def sign_in(machine: Machine) -> None:
    """Sign in, and fail to in each way."""
    ada = Person(ADA)
    machine.login("--account", ADA, answer=ada.consent)
    machine.login("--output", "narrow.json", answer=lambda url: ada.consent(url, untick=["tuning"]))
    machine.login(code=3, answer=lambda url: ada.consent(url, decline=True))
    machine.login("--account", BOB, code=3, answer=ada.consent)
    machine.login(code=3, answer=lambda url: ada.consent(url).replace("state=", "state=x"))
    machine.login(code=3, answer=lambda url: ada.consent(url).replace("0A", "0B", 1))
    machine.login(code=3, answer=lambda url: ada.consent(url).replace("iss=https", "iss=other"))
    machine.login(code=3, answer=not_admitted)
    in_two_steps(machine)


def in_two_steps(machine: Machine) -> None:
    """Begin, and finish: once, twice, too late for the API, and with nonsense."""
    ada = Person(ADA)

    def begin(*more: str) -> str:
        begun = machine.run("login", "--start", *more, forms=("json",))
        for path in (machine.home / ".config/gemauth/sign-ins").glob("*.json"):
            machine.witness.keep("code_verifier", json.loads(path.read_text())["verifier"])
        return machine.witness.pasted(ada.consent(begun.json["url"]))

    def finish(address: str, code: int = 0, form: str = "table") -> None:
        machine.run("login", "--finish", "-", typed=f"{address}\n", code=code, forms=(form,))

    client = ("--client-id-file", "client.json")
    address = begin(*client, "--output", "two.json", "--scopes", "cloud-platform,email,openid")
    finish(address.replace("state=", "state=x"), code=3)
    finish(address, form="json")
    finish(address, code=3)
    finish(address.partition("?")[2].replace("state=", "sate="), code=2)
    machine.run("login", "--finish", address, code=3)
    finish(begin("--add-scopes", "tuning", "--output", "two.json"))
    address = begin(*client, "--output", "two.json", "--quota-project", "no-project")
    finish(address, code=4)


def work(machine: Machine) -> None:
    """Do what each command is for, as a person and as a service account."""
    run = machine.run
    run("print-access-token", job=True)
    run("print-access-token", "--fresh", "--scopes", "tuning", job=True)
    run("print-identity-token", job=True)
    run("status")
    run("status", "--online")
    run("token-info")
    run("doctor")
    run("selftest", "--live", code=1)
    run("models", "list")
    run("models", "get", "gemini-2.5-flash")
    run("tuned-models", "list")
    run("tuned-models", "get", MODEL)
    run("share", MODEL, "--user", BOB)
    run("permissions", "list", MODEL)
    run("request", "GET", f"/v1beta/{MODEL}")
    account = '{"accountId": "robot-1"}'
    run("request", "POST", ACCOUNTS.format("my-project"), "--data", account, forms=("table",))
    made = run("request", "POST", KEYS, "--data", "{}", job=True)
    key = base64.b64decode(made.json["privateKeyData"])
    (machine.home / "key.json").write_bytes(key)
    run("models", "list", "--credentials", "key.json")
    identified = ("print-identity-token", "--credentials", "key.json")
    run(*identified, "--audience", "https://tool.example.com", job=True)
    run(*identified, code=2)
    manage_keys(machine)


def manage_keys(machine: Machine) -> None:
    """Make keys here and at IAM: the private halves stand in files, and nowhere else."""
    keys = ("service-accounts", "keys")
    robot = "robot-1@my-project.iam.gserviceaccount.com"

    def run(verb: str, *words: str, file: str | None = None, job: bool = False) -> None:
        # Each form once: what has been made or deleted is not again.
        for form in ("table", "json"):
            machine.run(*keys, verb, *words, forms=(form,), job=job)
            if file is not None:
                machine.witness.keep_key(json.loads((machine.home / file).read_text()))

    run("create", robot, "--output", "made.json", "--overwrite", file="made.json")
    run("create", robot, "--output", "-", job=True)
    run("upload", robot, "--output", "sent.json", "--overwrite", file="sent.json")
    run("rotate", "sent.json", "--delete-old", file="sent.json")
    run("list", robot)
    machine.run(*keys, "rotate", "sent.json", "--credentials", "sent.json", code=4)


def be_refused(machine: Machine) -> None:
    """Ask for what is not given, and type secrets where none belongs."""
    run = machine.run
    run("tuned-models", "get", "tunedModels/locked", code=4)
    run("tuned-models", "list", "--credentials", "narrow.json", code=4)
    run("models", "list", "--quota-project", "no-project", code=4)
    run("doctor", "--quota-project", "no-project", code=4)
    run("request", "GET", "/v1beta/models/none", code=6)
    run("request", "GET", "https://evil.example/v1beta/models", code=2)
    run("revoke", "--credentials", "key.json", code=2)
    for kind in ("access_token", "code", "client_secret", "refresh_token"):
        for secret in machine.witness.secrets[kind]:
            run("models", "list", secret, code=2)


def break_files(machine: Machine) -> None:
    """Meet credential files that are torn, or belong elsewhere."""
    adc = machine.home / ".config/gcloud/application_default_credentials.json"
    whole = adc.read_text()
    for broken in (whole[:-3], whole.replace('"type"', '"typo"'), json.dumps([whole])):
        adc.write_text(broken)
        machine.run("models", "list", code=7)
    adc.write_text(whole)
    machine.run("models", "list", code=3, GEMAUTH_EMULATOR="")
    (machine.home / "copy.json").write_text(whole)
    key = json.loads((machine.home / "key.json").read_bytes())
    torn = {**key, "private_key": key["private_key"][:-200]}
    elsewhere = {**key, "token_uri": "https://evil.example/token"}
    unsigned = {**key, "private_key_id": "0" * 40}
    for other, code in ((torn, 7), (elsewhere, 2), (unsigned, 3)):
        (machine.home / "other.json").write_text(json.dumps(other))
        machine.run("models", "list", "--credentials", "other.json", code=code)


def break_down(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reach nobody, and run into a defect whose exception holds all that went over the wire."""
    fresh = ("print-access-token", "--fresh")
    machine.run(*fresh, code=5, GEMAUTH_EMULATOR="http://127.0.0.1:9")
    send = Transport.send

    def defect(self: Transport, request: Request, timeout: float | None = None) -> Response:
        answer = send(self, request, timeout)
        raise RuntimeError(dict(request.headers), request.body.decode(), answer.body.decode())

    with monkeypatch.context() as patch:
        patch.setattr(Transport, "send", defect)
        machine.run(*fresh, code=70)
        machine.run("models", "list", code=70)


def sign_out(machine: Machine) -> None:
    """Sign out, and try what is left."""
    machine.run("revoke", "--yes", forms=("json",))
    machine.run("models", "list", "--credentials", "copy.json", code=3)
    machine.run("doctor", "--credentials", "copy.json", code=3)


def not_admitted(url: str) -> str:
    """Return where a sign-in ends for somebody who is no test user."""
    with pytest.raises(SignInBlockedError) as stopped:
        Person(EVE).consent(url)
    return stopped.value.url
