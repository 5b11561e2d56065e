"""The pages of docs/ that show commands and snippets, run: each page is one session of a person's.

Pages tell of Google; here an emulator is in its place, set up as the console was. A page that is
not named here has no block, or is run elsewhere (`test_each_block_of_docs_is_run`).
"""

from __future__ import annotations

import json
import os
import re
import shlex
from typing import TYPE_CHECKING

import pytest

from gemauth.testing.emulator import EmulatorProcess
from tests.docs.blocks import ROOT, Block, blocks, commands, is_shown
from tests.docs.scene import do_what_the_console_does, play, setting, translated
from tests.docs.stand_in import StandIn
from tests.docs.terminal import ADA, Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.docs, pytest.mark.timeout(180)]

DOCS = ROOT / "docs"
HERE = {"sign-in.md", "profiles.md", "credentials.md", "typed-client.md", "gcloud.md"}
ELSEWHERE = {
    "architecture.md": "a picture of the layers",
    "cli.md": "generated from the commands' own help",
    "control-api.md": "its seed is read by tests/emulator/control/test_seed.py",
    "run.md": "test_run.py, beside this",
    "sdks.md": "tests/interop/sdks/test_page.py, with the real packages",
}
ROBOT = "robot-1@my-project.iam.gserviceaccount.com"
GOOGLE = "https://accounts.google.com"
AUTHORIZATION = f"{GOOGLE}/o/oauth2/v2/auth?…"


@pytest.fixture
def emulator() -> Iterator[EmulatorProcess]:
    """An emulator that nothing is wrong with."""
    with EmulatorProcess() as running:
        yield running
    assert "Traceback" not in running.talk


@pytest.fixture
def terminal(home: Path, emulator: EmulatorProcess) -> Terminal:
    """A person's terminal with a browser, after everything that is done in the console."""
    there = Terminal(home, setting(emulator))
    do_what_the_console_does(emulator, there)
    console = emulator.control
    for service in ("cloudresourcemanager", "iamcredentials"):
        console.enable_service("my-project", service)
    may_act_as(ROBOT, there)
    (home / "Downloads" / "client_secret_1.json").rename(home / "client_secret.json")
    there.give_browser()
    return there


def may_act_as(robot: str, terminal: Terminal) -> None:
    """Give Ada the role on a service account."""
    role = {"role": "roles/iam.serviceAccountTokenCreator", "members": [f"user:{ADA}"]}
    policy = shlex.quote(json.dumps({"policy": {"bindings": [role]}}))
    path = f"/v1/projects/-/serviceAccounts/{robot}:setIamPolicy"
    code, shown = terminal.run(f"gemauth request POST {path} --data {policy} --credentials ada")
    assert code == 0, shown


def sign_in(terminal: Terminal, **more: str) -> None:
    """Sign in as Ada before a page begins."""
    options = " ".join(f"--{name} {value}" for name, value in more.items())
    code, shown = terminal.run(
        f"gemauth login --client-id-file client_secret.json --account {ADA} {options}"
    )
    assert code == 0, shown


def test_each_block_of_docs_is_run() -> None:
    """A page with a block is run here, or somewhere else for a reason that is named."""
    pages = {path.name for path in DOCS.rglob("*.md") if blocks(path)}
    assert pages - {*ELSEWHERE} == HERE
    assert {*ELSEWHERE} <= pages


def test_sign_in(terminal: Terminal, emulator: EmulatorProcess, home: Path) -> None:
    """docs/sign-in.md, from the first sign-in to the last; two machines stand beside each other."""
    meaning = {GOOGLE: emulator.address}
    rest = iter(blocks(DOCS / "sign-in.md"))
    for block in rest:
        if block.language == "python":
            code, shown = terminal.python(block.text)
            assert (code, "models/" in shown) == (0, True), shown
        elif "--remote\n" in block.text:
            (other := home / "other").mkdir()
            two_machines(terminal, block, Terminal(other, setting(emulator)), next(rest))
        else:
            play(terminal, block, meaning)


def two_machines(here: Terminal, block: Block, there: Terminal, lent: Block) -> None:
    """Begin a sign-in here, lend it the other one's browser, and carry the line back."""
    there.environ |= {"HOME": str(there.folder), "PATH": here.environ["PATH"]}
    there.give_browser()
    (command,) = commands(block)
    with here.start(command.line) as waiting:
        shown = waiting.read(until="gemauth login --emulator")
        (address,) = re.findall(r'^gemauth login .*--remote-bootstrap="(.+)"$', shown, re.MULTILINE)
        play(there, lent, {AUTHORIZATION: address})
        waiting.type(there.shown.rstrip().splitlines()[-1])
        shown = waiting.read(until=None)
    emulator = here.environ["GEMAUTH_EMULATOR"]
    meaning = {
        GOOGLE: emulator,
        "gemauth login --remote": f"gemauth login --emulator {emulator} --remote",
    }
    assert is_shown(shown, tuple(translated(line, meaning) for line in command.output)), shown


def test_profiles(terminal: Terminal, emulator: EmulatorProcess, home: Path) -> None:
    """docs/profiles.md; the keyring is one of the tests'."""
    terminal.run("export PYTHON_KEYRING_BACKEND=tests.client.cache.keyrings.OnDisk")
    terminal.run(f"export KEYRING_FILE={home / 'keyring'} PYTHONPATH=$PYTHONPATH:{ROOT}")
    for block in blocks(DOCS / "profiles.md"):
        play(terminal, block, {GOOGLE: emulator.address})
    assert (home / "keyring").exists()


def test_credentials(terminal: Terminal, emulator: EmulatorProcess) -> None:
    """docs/credentials.md; what hands an emulator's credentials on does so inside of a run."""
    sign_in(terminal, scopes="cloud-platform,tuning,retriever,email")
    for block in blocks(DOCS / "credentials.md"):
        listed = commands(block)
        if "serve-metadata" in block.text:
            (command,) = listed
            with terminal.start(command.line.replace("8900", "0")) as serving:
                shown = serving.read(until="Ctrl-C")
            expected = tuple(line.replace("8900", "…") for line in command.output)
            assert is_shown(shown, expected), shown
        elif "gemauth exec" in block.text or "credential-helper" in block.text:
            for command in listed:
                code, shown = terminal.run(
                    f"gemauth emulator run --quiet -- sh -c {shlex.quote(command.line)}"
                )
                meant = (
                    line.replace("application_default_credentials", "adc")
                    for line in command.output
                )
                assert code == 0, shown
                assert is_shown(shown, tuple(meant)), shown
        else:
            if "--impersonate" in block.text:
                may_act_as("ci-robot@my-project.iam.gserviceaccount.com", terminal)
            play(terminal, block, {})


UNIMPLEMENTED = {"## Content", "## Files", "## Corpora", "## On an event loop"}


def test_typed_client(terminal: Terminal, emulator: EmulatorProcess, home: Path) -> None:
    """docs/typed-client.md: what the emulator answers, and what it answers with UNIMPLEMENTED."""
    sign_in(terminal)
    (home / "notes.txt").write_text("The first program was Ada's.\n")
    for heading, block in under_headings(DOCS / "typed-client.md"):
        if block.language == "console":
            command = commands(block)[0]
            assert command.line == "cat users.csv"
            (home / "users.csv").write_text("\n".join(command.output) + "\n")
            play(terminal, block, {})
            continue
        code, shown = terminal.python(block.text)
        if heading in UNIMPLEMENTED:
            assert code == 1, shown
            assert "is not implemented by the gemauth emulator" in shown
        else:
            assert code == 0, shown


def test_typed_client_with_answers(home: Path) -> None:
    """The same snippets run to their end where somebody answers them."""
    with StandIn(home) as server:
        terminal = Terminal(home, {**os.environ, **server.environ})
        (home / "notes.txt").write_text("The first program was Ada's.\n")
        ran = 0
        for heading, block in under_headings(DOCS / "typed-client.md"):
            if heading in UNIMPLEMENTED:
                code, shown = terminal.python(block.text)
                assert (code, "Hello" in shown) == (0, True), shown
                ran += 1
        assert ran == len(UNIMPLEMENTED)


def under_headings(path: Path) -> Iterator[tuple[str, Block]]:
    """Yield a page's blocks, each with the heading that it stands under."""
    lines = path.read_text("utf-8").splitlines()
    for block in blocks(path):
        above = (line for line in lines[: block.line - 1][::-1] if line.startswith("## "))
        yield next(above, ""), block


def test_gcloud(terminal: Terminal) -> None:
    """docs/gcloud.md: the stand-in signs in and prints; its sign-in acts as a service account."""
    first, second = blocks(DOCS / "gcloud.md")
    code, shown = terminal.run(first.text)
    assert code == 0, shown
    assert re.search(r"^ya29\.emu-\S+$", shown, re.MULTILINE), shown
    session = "\n".join(
        [
            "gcloud auth login --quiet",
            "gcloud config set project my-project",
            f"ROBOT={ROBOT}",
            second.text,
        ]
    )
    run = f"gemauth emulator run --no-credentials --auto-consent {ADA}"
    code, shown = terminal.run(f"{run} -- sh -c {shlex.quote(session)}")
    assert code == 0, shown
    assert "models/gemini-2.5-flash" in shown
