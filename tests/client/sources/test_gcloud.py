from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gemauth.client.sources import gcloud
from gemauth.client.sources.gcloud import Gcloud
from gemauth.client.sources.wanted import Wanted
from gemauth.client.world import AsyncNetwork
from gemauth.errors import CredentialError, NotFoundError, UsageError
from gemauth.flow import arun
from gemauth.google.endpoints import GOOGLE, emulator
from gemauth.google.scopes import CLOUD_PLATFORM, GCLOUD_LOGIN, TUNING
from gemauth.testing.clock import FakeClock
from tests.client.transcript import NOON, AsyncSender

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SIGNED_OUT = (
    "ERROR: (gcloud.config.config-helper) You do not currently have an active account selected."
)


class Program:
    """A gcloud with tokens; keeps what it was run with, and says what it is told to say."""

    def __init__(self, folder: Path, *tokens: str, **properties: Any) -> None:
        program = folder / "gcloud"
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
        self.path = str(program)
        self.environ = {"PATH": str(folder), "HOME": str(folder)}
        self.tokens = [*tokens] or ["ya29.a0-1"]
        core = {"account": "ada@example.com", "project": "working"}
        self.properties = {"core": core, **properties}
        self.expiry: Any = "2026-11-18T12:06:40Z"  # an hour after NOON
        self.runs: list[tuple[str, ...]] = []
        self.says: tuple[int, str, str] | None = None

    def run(self, command: Sequence[str], environ: Mapping[str, str]) -> tuple[int, str, str]:
        """Answer as config-helper does; a forced one takes the next token."""
        assert environ["CLOUDSDK_CORE_DISABLE_PROMPTS"] == "1"
        self.runs.append(tuple(command))
        if "--force-auth-refresh" in command:
            self.tokens.pop(0)
        if self.says is not None:
            return self.says
        credential = {"access_token": self.tokens[0], "token_expiry": self.expiry}
        members = {"credential": credential, "configuration": {"properties": self.properties}}
        return 0, json.dumps(members), ""

    def source(self, endpoints: Any = GOOGLE) -> Gcloud:
        """Return what asks it."""
        return Gcloud(endpoints, self.environ, self.run)

    def credentials(self, **how: Any) -> Any:
        """Return the credentials of its active account."""
        asked = {"scopes": None, "quota_project": None, "endpoints": None, **how}
        wanted = Wanted(environ=self.environ, **asked)
        source = self.source(wanted.endpoints or GOOGLE)
        return gcloud.credentials(wanted, source, FakeClock(NOON))


def test_whose_they_are(tmp_path: Path) -> None:
    """One run says the token and its end, the account, and the project that gcloud works in."""
    program = Program(tmp_path)
    found = program.credentials()
    assert program.runs == [
        (program.path, "config", "config-helper", "--format=json", "--min-expiry=330s")
    ]
    assert (found.kind, found.account, found.quota_project) == (
        "gcloud",
        "ada@example.com",
        "working",
    )
    assert (found.scopes, found.path) == (GCLOUD_LOGIN, None)
    token = asyncio.run(_token(found))
    assert (token.value, token.expires_at) == ("ya29.a0-1", NOON + 3600)
    assert len(program.runs) == 1
    assert "ya29" not in repr(found)


async def _token(found: Any, refused: str | None = None) -> Any:
    network = AsyncNetwork(AsyncSender(), clock=FakeClock(NOON))
    return await arun(found._token(fresh=False, instead_of=refused), network)


@pytest.mark.parametrize(
    ("billing", "project"),
    [
        ({"quota_project": "paying"}, "paying"),
        ({"quota_project": "CURRENT_PROJECT"}, "working"),
        ({"quota_project": "LEGACY"}, "working"),
        ({}, "working"),
    ],
)
def test_quota_project(tmp_path: Path, billing: Any, project: str) -> None:
    """Gcloud's `billing/quota_project` goes before its project; the caller's goes before both."""
    program = Program(tmp_path, billing=billing)
    assert program.credentials().quota_project == project
    assert program.credentials(quota_project="mine").quota_project == "mine"


def test_a_refused_token(tmp_path: Path) -> None:
    """Gcloud keeps its tokens too, so one that was refused is asked for anew by force."""
    program = Program(tmp_path, "ya29.a0-1", "ya29.a0-2")
    found = program.credentials()
    token = asyncio.run(_token(found, refused="ya29.a0-1"))
    assert token.value == "ya29.a0-2"
    assert [run[-1] for run in program.runs[1:]] == ["--min-expiry=330s", "--force-auth-refresh"]


def test_a_token_of_unknown_end(tmp_path: Path) -> None:
    """Where gcloud knows no end, each use asks it again."""
    program = Program(tmp_path)
    program.expiry = None
    found = program.credentials()
    assert asyncio.run(_token(found)).expires_at is None
    assert len(program.runs) == 2


def test_nothing_else_than_the_whole(tmp_path: Path) -> None:
    """Its scopes are what they are; a service account to act as may have others."""
    program = Program(tmp_path)
    with pytest.raises(UsageError, match="none of the Gemini API's own"):
        program.credentials(scopes=(TUNING,))
    for how in ({"subject": "ada@example.com"}, {"self_signed": True}):
        with pytest.raises(UsageError, match="no key"):
            program.credentials(**how)
    acting = {"scopes": (CLOUD_PLATFORM,), "acting": ((), "robot@p.iam.gserviceaccount.com")}
    assert program.credentials(**acting).account == "ada@example.com"


def test_it_is_not_there(tmp_path: Path) -> None:
    """Without a gcloud on the PATH it is said, with what does without."""
    program = Program(tmp_path)
    program.environ["PATH"] = str(tmp_path / "nowhere")
    with pytest.raises(NotFoundError, match="none on the PATH") as refused:
        program.credentials()
    assert "gemauth login" in str(refused.value)


@pytest.mark.parametrize("entry", ["", ".", "here"])
def test_the_working_folder_has_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, entry: str
) -> None:
    """An empty or relative entry of PATH has no program of the folder's hand out tokens."""
    folder = tmp_path / "here"
    folder.mkdir()
    program = Program(folder)
    monkeypatch.chdir(tmp_path if entry == "here" else folder)
    program.environ["PATH"] = f"{entry}:{tmp_path / 'nowhere'}"
    with pytest.raises(NotFoundError, match="none on the PATH"):
        program.credentials()
    assert program.runs == []


@pytest.mark.parametrize(
    ("complained", "message"),
    [
        (SIGNED_OUT, "Nobody is signed in to gcloud"),
        ("Reauthentication failed. cannot prompt", "the organization wants the person again"),
        ("There was a problem refreshing your current auth tokens: invalid_grant", "is over"),
        ("ERROR: gcloud crashed (KeyError)", "gave no token"),
        ("", "gave no token"),
    ],
)
def test_its_errors(tmp_path: Path, complained: str, message: str) -> None:
    """What gcloud complains of is told by what to do; its words are the evidence."""
    program = Program(tmp_path)
    program.says = (1, "", complained)
    with pytest.raises(CredentialError, match=message) as refused:
        program.credentials()
    assert refused.value.evidence == (complained or None)
    assert "gcloud auth login" in str(refused.value)


@pytest.mark.parametrize("said", ["", "ya29.secret", "[]", '{"credential": {}}'])
def test_it_says_something_else(tmp_path: Path, said: str) -> None:
    """What is no answer of config-helper's is not shown: a token may be in it."""
    program = Program(tmp_path)
    program.says = (0, said, "")
    with pytest.raises(CredentialError, match="something else") as refused:
        program.credentials()
    assert "ya29" not in f"{refused.value} {refused.value.evidence}"
    program.tokens = [""]
    program.says = None
    with pytest.raises(CredentialError, match="gave no token"):
        program.credentials()


def test_the_other_side(tmp_path: Path) -> None:
    """A token of Google's goes to no emulator, nor one of an emulator's to Google."""
    with pytest.raises(CredentialError):
        Program(tmp_path).credentials(endpoints=emulator("http://127.0.0.1:9"))
    with pytest.raises(CredentialError):
        Program(tmp_path, "ya29.emu-1").credentials()


def _script(folder: Path, body: str) -> dict[str, str]:
    program = folder / "gcloud"
    program.write_text(f"#!{sys.executable}\nimport os, sys, time\n{body}\n")
    program.chmod(0o755)
    return {"PATH": str(folder), "HOME": str(folder), "MARK": str(folder / "mark")}


@pytest.mark.processes
def test_it_runs_for_real(tmp_path: Path) -> None:
    """Without a shell, a terminal or a prompt, and with the environment that it was given."""
    environ = _script(
        tmp_path,
        "assert not sys.stdin.read() and 'SECRET' not in os.environ\n"
        "print(os.environ['CLOUDSDK_CORE_DISABLE_PROMPTS'], *sys.argv[1:])\n"
        "print('words', file=sys.stderr); sys.exit(3)",
    )
    code, said, complained = gcloud._run((f"{tmp_path}/gcloud", "a b", ";c"), {
        **environ, "CLOUDSDK_CORE_DISABLE_PROMPTS": "1",
    })  # fmt: skip
    assert (code, said, complained) == (3, "1 a b ;c\n", "words\n")
    with pytest.raises(CredentialError, match="cannot be started"):
        gcloud._run((f"{tmp_path}/none",), environ)


@pytest.mark.processes
def test_it_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that does not end is ended, with what it has started."""
    monkeypatch.setattr(gcloud, "PATIENCE", 1.0)
    environ = _script(
        tmp_path,
        "child = os.fork()\n"
        "if child: open(os.environ['MARK'], 'w').write(f'{os.getpid()} {child}')\n"
        "time.sleep(60)",
    )
    before = time.monotonic()
    with pytest.raises(CredentialError, match="did not answer within 1 seconds"):
        Gcloud(GOOGLE, environ).ask(NOON)
    assert time.monotonic() - before < 20
    parent, child = map(int, (tmp_path / "mark").read_text().split())
    deadline = time.monotonic() + 10
    while any(_lives(pid) for pid in (parent, child)) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not _lives(parent)
    assert not _lives(child)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    try:  # one that has ended waits for init to look at it
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_id_tokens_are_gclouds_own() -> None:
    """The command that prints them is named, and no gcloud is run."""
    source = Gcloud(GOOGLE, {}, lambda *_: pytest.fail("gcloud was run"))
    with pytest.raises(UsageError, match="access tokens only") as caught:
        source.identity("https://x")
    assert "gcloud auth print-identity-token" in (caught.value.next_step or "")
