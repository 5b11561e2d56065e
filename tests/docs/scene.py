"""What a document's commands are run in: an emulator, set up as Google's console was; a transcript.

The documents tell of Google; a test has the emulator's address in the place of Google's.
"""

from __future__ import annotations

import base64
import json
import os
from typing import TYPE_CHECKING

from tests.docs.blocks import Block, commands, is_shown
from tests.docs.terminal import ADA, BOB, Terminal

if TYPE_CHECKING:
    from gemauth.testing.emulator import EmulatorProcess


def play(terminal: Terminal, block: Block, meaning: dict[str, str]) -> None:
    """Run a transcript's commands, and compare what each shows.

    Args:
        terminal: where.
        block: a `console` block.
        meaning: texts of the document, and what they mean here.
    """
    for command in commands(block):
        line, *expected = (translated(text, meaning) for text in (command.line, *command.output))
        code, shown = terminal.run(line)
        where = f"line {block.line}: {command.line}\n{shown}"
        assert is_shown(shown, tuple(expected)), where
        refused = any(line.startswith("error:") for line in expected)
        assert (code != 0) is refused, f"exit code {code}, {where}"


def translated(text: str, meaning: dict[str, str]) -> str:
    """Return a document's text, with what it means here."""
    for written, meant in meaning.items():
        text = text.replace(written, meant)
    return text


def do_what_the_console_does(emulator: EmulatorProcess, terminal: Terminal) -> None:
    """Make what the README has a person make in Google's console, and leave the files there."""
    console = emulator.control
    for email in (ADA, BOB):
        console.create_account(email)
    console.create_project("my-project", owner=ADA)
    for service in ("generativelanguage", "iam"):
        console.enable_service("my-project", service)
    console.set_consent_screen("my-project", app_name="My app", support_email=ADA)
    for email in (ADA, BOB):
        console.add_test_user("my-project", email)
    console.create_tuned_model("my-model", owner=ADA, project="my-project")
    (terminal.folder / "Downloads").mkdir()
    email = "robot-1@my-project.iam.gserviceaccount.com"
    account = "/v1/projects/my-project/serviceAccounts"
    for line in (
        "gemauth emulator clients create my-project cli --output Downloads/client_secret_1.json",
        "gemauth login --client-id-file Downloads/client_secret_1.json --no-browser --output ada",
        f"""gemauth request POST {account} --data '{{"accountId": "robot-1"}}' --credentials ada""",
        f"gemauth request POST {account}/{email}/keys --data '{{}}' --credentials ada > answer",
    ):
        code, shown = terminal.run(line)
        assert code == 0, shown
    answer = json.loads((terminal.folder / "answer").read_bytes())
    (terminal.folder / "key.json").write_bytes(base64.b64decode(answer["privateKeyData"]))


def setting(emulator: EmulatorProcess) -> dict[str, str]:
    """Return the variables of a terminal that works with an emulator."""
    return {**os.environ, "GEMAUTH_EMULATOR": emulator.address}
