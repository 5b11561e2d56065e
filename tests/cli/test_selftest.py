from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from gemauth.client.cache import keyring
from gemauth.client.cache.files import write_private
from gemauth.google.credentials import AuthorizedUser
from gemauth.testing.emulator import EmulatorServer
from tests.cli.api import call
from tests.cli.google import ACCESS_TOKEN, REFRESH_TOKEN
from tests.cli.terminal import Terminal
from tests.cli.test_end_to_end import ADA, Machine
from tests.client.flows.test_assertion import KEY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cli.google import Google


@pytest.fixture
def machine(home: Path) -> Iterator[Machine]:
    """Somebody who signed in at an emulator."""
    with EmulatorServer() as emulator:
        machine = Machine(emulator, home)
        assert machine.login(ADA).code == 0
        yield machine


def test_against_the_emulator(machine: Machine, home: Path) -> None:
    """Each difference is told with its source and our sureness; the transcript is kept."""
    there = machine.run(ADA, "selftest", "--live", "--output", str(home / "out.json"))
    assert there.code == 1
    assert "expected  models.list with cloud-platform alone\n" in there.out
    assert "not so: members device_authorization_endpoint (documented, google-oauth" in there.out
    assert "answers are not as expected: discovery, files.list, corpora.list." in there.err
    assert "next: This is an emulator" in there.err
    kept = json.loads((home / "out.json").read_text("utf-8"))
    assert kept["against"] == "an emulator"
    assert kept["differences"] == 3
    assert ADA not in json.dumps(kept)
    again = machine.run(ADA, "selftest", "--live", "--output", str(home / "out.json"))
    assert again.code == 2
    assert again.out == ""
    assert "out.json exists and is not overwritten." in again.err
    assert "next: Name another --output, or delete it." in again.err


def test_a_place_that_cannot_be_written(google: Google) -> None:
    """It is told before anybody is asked, so that no transcript is lost."""
    place = google.folder / "file"
    place.write_text("")
    there = call(google, "selftest", "--live", "--output", str(place / "out.json"))
    assert there.code == 7
    assert google.lines == []


def test_for_programs(machine: Machine) -> None:
    """The transcript is the result."""
    there = machine.run(ADA, "selftest", "--live", "--format", "json")
    assert there.code == there.error["exitCode"] == 1
    steps = {step["step"]: step for step in there.json["steps"]}
    assert steps["refresh"]["status"] == 200
    assert steps["refresh"]["body"]["access_token"].startswith("<")


def test_a_server_that_is_down() -> None:
    """Nothing differs, nothing was learned, and nothing is written."""
    path = os.path.join(os.environ["HOME"], "user.json")  # noqa: PTH118  # a string
    body = {"type": "authorized_user", "client_id": "1-emux", "client_secret": "GOCSPX-emu-x"}
    with open(path, "w", encoding="utf-8") as file:  # noqa: PTH123  # as above
        json.dump({**body, "refresh_token": REFRESH_TOKEN}, file)
    there = Terminal(environ=os.environ)
    words = ("--credentials", path, "--emulator", "http://127.0.0.1:9")
    output = os.path.join(os.environ["HOME"], "out.json")  # noqa: PTH118  # as above
    assert there.run("selftest", "--live", *words, "--output", output) == 5
    assert "gemauth doctor" in there.err
    assert not os.path.exists(output)  # noqa: PTH110  # as above


def test_consent(google: Google) -> None:
    """Without --live nothing is asked."""
    assert call(google, "selftest").code == 2
    assert google.lines == []


def test_a_service_account(google: Google) -> None:
    """The walk is a person's."""
    path = google.folder / "key.json"
    path.write_text(json.dumps(KEY.to_json()))
    there = Terminal(environ=os.environ)
    assert there.run("selftest", "--live", "--credentials", str(path)) == 2
    assert "service_account" in there.err


def test_no_secret_is_told(google: Google) -> None:
    """A server that is another's: everything differs, and no secret is told."""
    there = call(google, "selftest", "--live", "--format", "json")
    assert there.code == 1
    assert there.error["fault"] == "the server"
    for secret in (ACCESS_TOKEN, REFRESH_TOKEN):
        assert secret not in there.out + there.err


def test_a_keyring(google: Google, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person whose secrets are in a keyring is walked like any other."""
    user = AuthorizedUser("1-emux", "GOCSPX-emu-x", REFRESH_TOKEN)
    path = home / ".config/gemauth/profiles/safe.json"
    write_private(path, json.dumps(keyring.Pointer.to(user, "a.Keyring").to_json()).encode())
    monkeypatch.setattr(keyring, "read", lambda _: user)
    there = Terminal(environ={**os.environ, "GEMAUTH_EMULATOR": google.url})
    assert there.run("selftest", "--live", "--profile", "safe") == 1
    assert any("emu-refresh" in body for _, _, body in google.asked)
    assert "expected  tokeninfo\n" not in there.out  # a stand-in answers nothing there
