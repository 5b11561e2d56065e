"""Nothing that the suite prints holds a secret that it issued: a plugin, on in every test.

Secrets are noted where they are made (the emulator's tokens, codes, client secrets and API keys)
or pass (whatever our own messages keep out of `repr`: PKCE verifiers, states, private keys, what
other processes got from somebody else); so are the signatures of the JWTs that are signed. What is
told is noted where it leaves: each `Console`, the programs that are started, the emulators' logs
and all others, what pytest captured, warnings, and every `GemauthError`. Each test is searched when
it ends, and a leak fails it; all is searched again when the run ends, for what was noted too late.

The few commands whose purpose is to print a secret stand in `PURPOSE`; a test that prints one
itself says why: `@pytest.mark.prints_secrets("…")`.
"""

from __future__ import annotations

import importlib
import logging
import re
import subprocess
from functools import wraps
from typing import TYPE_CHECKING, Any, TextIO

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence

__all__ = ["PURPOSE", "Log", "Secrecy", "at_terminal", "installed", "register"]

_OWN = "the program's own output"
PURPOSE: dict[tuple[str, ...], str] = {
    ("gcloud", "auth", "application-default", "login", "--remote-bootstrap"): "as gcloud does",
    ("print-access-token",): "prints a token",
    ("print-identity-token",): "prints a token",
    ("credential-helper",): "hands a token to git or docker",
    ("exec",): _OWN,
    ("request",): "prints what the API answers",
    ("service-accounts", "keys", "create", "--output", "-"): "writes the key's file there",
    ("login", "--remote-bootstrap"): "prints the line that holds the code",
    ("emulator", "run"): _OWN,
    ("emulator", "authorize"): "prints the redirect that holds the code",
    ("emulator", "api-keys", "create"): "prints the new key",
    ("emulator", "client-file"): "prints a client's file",
    ("emulator", "clients", "create"): "prints the new client's file",
    ("emulator", "credentials"): "prints a credential file",
    ("emulator", "seed"): "prints the files of what it has made",
    ("gcloud", "auth", "print-access-token"): "prints a token",
    ("gcloud", "auth", "print-identity-token"): "prints a token",
    ("gcloud", "auth", "application-default", "print-access-token"): "prints a token",
    ("gcloud", "config", "config-helper"): "prints tokens",
}
"""Commands (their words, in order) whose standard output may hold a secret, and why."""
ALSO_ON_STDERR = frozenset({_OWN, "as gcloud does"})
"""Of these purposes, those that reach to standard error; no other command's may hold one."""

# What our messages keep out of `repr` is what they hold secret.
_MESSAGES = {
    "gemauth.client.flows.sign_in": ("Pending",),
    "gemauth.google.credentials.service_account_key": ("ServiceAccountKey",),
    "gemauth.oauth.authorization": ("AuthorizationRequest", "AuthorizationResponse"),
    "gemauth.oauth.client_authentication": ("ClientAuthentication",),
    "gemauth.oauth.token": (
        "AuthorizationCodeGrant",
        "JwtBearerGrant",
        "RefreshTokenGrant",
        "TokenResponse",
    ),
}
_KEY = 20
"""Letters of a secret by which it is found; random ones."""
# 256 random bits, 192 (an API key), a signature, a line of a private key. Words are no secrets.
_RANDOM = re.compile(r"(?:[A-Za-z0-9_-]{43}|[A-Za-z0-9_+/-]{64,})\Z")
_RUN = re.compile(r"[A-Za-z0-9_+/=-]{28,}")
# The address that a person opens holds the state (and a test's person pastes it back).
_ADDRESS = re.compile(r"https?://[^\s\"']*client_id=[^\s\"']*")
_STATE = re.compile(r"(?<=state=)[A-Za-z0-9_-]+")


class Secrecy:
    """What was issued and what was told, in one process of a run.

    Secrets are kept in memory only. `install` notes what happens from then on.
    """

    def __init__(self) -> None:
        self.issued: dict[str, tuple[str, str]] = {}
        """By the letters that find it: a secret's whole random part, and what it is."""
        self._told: list[tuple[str, str]] = []
        self._runs: dict[str, str] = {}
        self._excused = False
        self._leaks: list[str] = []

    # ------------------------------------------------------------ what is noted

    def issue(self, secret: str, kind: str) -> None:
        """Note a secret, if it is random enough to be one."""
        if "PRIVATE KEY" in secret:
            for line in secret.splitlines()[2:-2]:  # the first line is that of every key
                self.issue(line, kind)
            return
        parts = secret.split(".") if secret.startswith("eyJ") else [secret]
        found = _RANDOM.search(parts[-1])
        if found is None:
            return
        core = found[0][-64:]
        if len(set(core)) >= 16:
            self.issued[core[:_KEY]] = (core, kind)

    def issue_key(self, secret: str, kind: str) -> None:
        """Note the random part of one of the emulator's secrets, whatever its length."""
        self.issued[secret[:_KEY]] = (secret, kind)

    def tell(self, text: str | bytes, where: str) -> None:
        """Note what was told."""
        if text and not self._excused:
            text = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
            if len(text) >= _KEY:
                self._told.append((text, where))

    def excuse(self, *, excused: bool) -> None:
        """Hear nothing, because a test says why it prints secrets."""
        self._excused = excused

    # ------------------------------------------------------------ what is found

    def search(self) -> list[str]:
        """Return the leaks in what was told since the last search; all of it is kept in mind."""
        told, self._told = self._told, []
        found = []
        for text, where in told:
            for run in self._candidates(text):
                if leak := self._secret_in(run):
                    found.append(f"{leak} in {where}: {self._shown(text)}")
                else:
                    self._runs.setdefault(run, where)
        return found

    def search_again(self) -> list[str]:
        """Return the leaks in all that was ever told: of secrets that were noted only later."""
        late = [(self._secret_in(run), where) for run, where in self._runs.items()]
        return self.search() + [f"{leak} in {where}" for leak, where in late if leak]

    @staticmethod
    def _candidates(text: str) -> Iterator[str]:
        without = _ADDRESS.sub(lambda address: _STATE.sub("", address[0]), text)
        for found in _RUN.finditer(without):
            yield found[0]

    def _secret_in(self, run: str) -> str | None:
        """Return the kind of the secret in a run of letters, if one is."""
        for at in range(len(run) - _KEY + 1):
            known = self.issued.get(run[at : at + _KEY])
            if known is not None and run.startswith(known[0], at):
                return known[1]
        return None

    def _shown(self, text: str) -> str:
        """Return the first line with a leak, without what leaked."""
        for line in text.splitlines():
            kinds = {run: self._secret_in(run) for run in self._candidates(line)}
            if any(kinds.values()):
                for run, kind in kinds.items():
                    line = line.replace(run, f"[{kind}]" if kind else run)  # noqa: PLW2901
                return line[:200]
        return ""

    # ------------------------------------------------------------ pytest's hooks

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Excuse tests that say why they print secrets."""
        self.excuse(excused=item.get_closest_marker("prints_secrets") is not None)
        try:
            return (yield)
        finally:
            self.excuse(excused=False)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Fail the phase in which a secret was told."""
        report = yield
        for name, text in report.sections:
            self.tell(text, name)
        if leaks := self.search():
            told = "\n".join(["a secret was told:", *leaks])
            report.outcome = "failed"
            report.longrepr = f"{report.longreprtext}\n{told}".lstrip()
        return report

    def pytest_warning_recorded(self, warning_message: Any) -> None:
        """Note a warning."""
        self.tell(str(warning_message.message), "a warning")

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Fail the run for what was found too late; a worker hands it to its controller."""
        self._leaks += self.search_again()
        output = getattr(session.config, "workeroutput", None)
        if output is not None:
            output["secrecy"] = self._leaks
        elif self._leaks:
            print("\na secret was told:", *self._leaks, sep="\n")
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """Take what a worker has found."""
        self._leaks += getattr(node, "workeroutput", {}).get("secrecy", [])

    # ------------------------------------------------------------ where it listens

    def install(self) -> None:
        """Note, from now on and for good, what this process issues and tells."""
        self._watch_secrets()
        self._watch_console()
        self._watch_errors()
        self._watch_programs()
        self._watch_emulators()
        logging.getLogger().addHandler(Log(self))

    def _watch_secrets(self) -> None:
        shape = importlib.import_module("gemauth.emulator.tokens.shape")
        _after(shape, "_random", lambda made, _: self.issue_key(made, "an emulator's secret"))
        jwt = importlib.import_module("gemauth.oauth.jwt")
        _after(jwt, "encode", lambda made, _: self.issue(made, "a signed JWT"))
        for module, names in _MESSAGES.items():
            for name in names:
                self._watch_message(getattr(importlib.import_module(module), name))
        key = importlib.import_module("gemauth.google.iam").AccountKey
        _after(key, "from_json", lambda made, _: self.issue(made.private_key_data, "a key's file"))

    def _watch_message(self, message: type) -> None:
        fields: Iterable[Any] = message.__dataclass_fields__.values()  # type: ignore[attr-defined]
        names = [one.name for one in fields if not one.repr and one.name not in {"more", "url"}]

        def note(_: None, args: tuple[object, ...]) -> None:
            for name in names:
                value = getattr(args[0], name)
                if isinstance(value, str):
                    self.issue(value, f"{message.__name__}.{name}")

        _after(message, "__init__", note)

    def _watch_console(self) -> None:
        from gemauth.cli import dispatch
        from gemauth.cli.console import Console

        inner = dispatch._dispatch

        def dispatched(words: Sequence[str], console: Console) -> int:
            console.__dict__["words"] = tuple(words)
            return inner(words, console)

        dispatch._dispatch = dispatched
        gcloud = importlib.import_module("gemauth.cli.gcloud.main")
        run = gcloud.run

        def ran(words: Sequence[str], console: Console) -> int:
            console.__dict__["words"] = ("gcloud", *words)
            return int(run(words, console))

        gcloud.run = ran  # type: ignore[attr-defined]

        def wrote(_: None, args: tuple[Any, ...]) -> None:
            console, text = args
            words = console.__dict__.get("words", ())
            if _purpose(words) is None:
                self.tell(text, f"stdout of gemauth {' '.join(words)}")

        def said(_: None, args: tuple[Any, ...]) -> None:
            console, text = args
            words = console.__dict__.get("words", ())
            if _purpose(words) not in ALSO_ON_STDERR:
                self.tell(text, f"stderr of gemauth {' '.join(words)}")

        _after(Console, "write", wrote)
        _after(Console, "write_bytes", wrote)
        _after(Console, "_prompt", said)

    def _watch_errors(self) -> None:
        from gemauth.errors import GemauthError

        def made(_: None, args: tuple[Any, ...]) -> None:
            error: GemauthError = args[0]
            self.tell(f"{error}\n{error.evidence or ''}", f"a {type(error).__name__}")

        _after(GemauthError, "__init__", made)

    def _watch_programs(self) -> None:
        def ended(
            got: tuple[str | bytes | None, str | bytes | None], args: tuple[Any, ...]
        ) -> None:
            self.tell_of(args[0].args, *got)

        _after(subprocess.Popen, "communicate", ended)

    def _watch_emulators(self) -> None:
        guard = importlib.import_module("gemauth.emulator.server.guard")
        writer = guard.writer

        def told(log: TextIO) -> Callable[[str], None]:
            write = writer(log)

            def both(text: str) -> None:
                self.tell(text, "an emulator's log")
                write(text)

            return both

        guard.writer = told  # type: ignore[attr-defined]

    def tell_of(
        self, command: object, out: str | bytes | None, err: str | bytes | None = None
    ) -> None:
        """Note what a program of ours has told; others are not ours to judge."""
        words = _words(command)
        if words is None:
            return
        purpose = _purpose(words)
        if out is not None and purpose is None:
            self.tell(out, f"stdout of gemauth {' '.join(words)}")
        if err is not None and purpose not in ALSO_ON_STDERR:
            self.tell(err, f"stderr of gemauth {' '.join(words)}")


class Log(logging.Handler):
    """Notes what is logged."""

    def __init__(self, secrecy: Secrecy) -> None:
        super().__init__()
        self._secrecy = secrecy

    def emit(self, record: logging.LogRecord) -> None:
        """Note a record of ours."""
        if record.name.partition(".")[0] == "gemauth":
            self._secrecy.tell(self.format(record), f"the log of {record.name}")


def _purpose(words: Sequence[str]) -> str | None:
    """Return why a command line's output may hold a secret."""
    for named, why in PURPOSE.items():
        left = iter(words)
        if all(any(_is(word, name) for word in left) for name in named):
            return why
    return None


def _is(word: str, name: str) -> bool:
    return word == name or (name.startswith("--") and word.startswith(f"{name}="))


def _words(command: object) -> tuple[str, ...] | None:
    """Return the words after `gemauth`, where a command is that."""
    if not isinstance(command, list | tuple):
        return None
    words = [str(word) for word in command]
    for at, word in enumerate(words):
        if word == "gemauth" or word.endswith("/gemauth"):
            return tuple(words[at + 1 :])
    return None


def _after(place: Any, name: str, note: Callable[..., None]) -> None:
    """Have a function's result, and what it was given by position, noted when it returns."""
    function = getattr(place, name)

    @wraps(function)
    def watched(*args: Any, **more: Any) -> Any:
        result = function(*args, **more)
        note(result, args)
        return result

    setattr(place, name, watched)


_installed: list[Secrecy] = []


def installed() -> Secrecy:
    """Return one that notes what this process issues and tells from now on."""
    secrecy = Secrecy()
    secrecy.install()
    _installed.append(secrecy)
    return secrecy


def at_terminal(command: object, shown: str) -> None:
    """Note what a program has told in a pseudo-terminal, which also shows what was typed there."""
    told = re.sub(r"(?m)^(Address[^:\n]*: ).*$", r"\1", shown)
    words = _words(command)
    for secrecy in _installed:
        if words is not None and _purpose(words) is None:
            secrecy.tell_of(command, told)


def register(secrecy: Secrecy, config: pytest.Config) -> None:
    """Have it search what each test has told."""
    config.pluginmanager.register(secrecy, "secrecy")
    config.addinivalue_line(
        "markers", "prints_secrets(why): the test itself prints secrets, and says why"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Begin, where this is a plugin of its own (`-p tests.secrecy`) and no conftest has begun."""
    if not config.pluginmanager.has_plugin("secrecy"):
        register(installed(), config)
