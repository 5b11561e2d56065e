from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING

import pytest

from gemauth.emulator.storage.records import ServiceAccount
from gemauth.google.scopes import DEFAULT, TUNING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.emulator.conftest import Desk
    from tests.cli.terminal import Terminal

ADA = "ada@example.com"
ROBOT = "robot@my-project.iam.gserviceaccount.com"


@pytest.fixture
def open_lab(lab: Desk) -> Desk:
    """The lab, with Ada among the test users and a service account."""
    lab.emulator.control.add_test_user("my-project", ADA)
    robot = ServiceAccount(
        "1" + "0" * 20, "my-project", ROBOT, "", "", disabled=False, deleted_at=None, etag="e",
        created_at=0.0,
    )  # fmt: skip
    with lab.emulator.context.store.write() as tx:
        tx.add(robot)
    return lab


def create(desk: Desk, who: str, file: Path, *more: str, code: int = 0) -> Terminal:
    """Run the command."""
    return desk.run("credentials", "--as", who, "--output", str(file), *more, code=code)


def test_person(open_lab: Desk, home: Path) -> None:
    """The file is for its owner only, and the guard is on stdout, as lines for a shell."""
    file = home / "adc.json"
    made = create(open_lab, ADA, file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    body = json.loads(file.read_text())
    assert body["type"] == "external_account_authorized_user"
    assert body["token_url"] == f"{open_lab.emulator.address}/v1/oauthtoken"
    lines = made.out.splitlines()
    assert all(line.startswith("export ") for line in lines)
    assert f"export HTTPS_PROXY={open_lab.emulator.address}" in lines
    assert f"export GOOGLE_APPLICATION_CREDENTIALS={file}" in lines
    assert "export GOOGLE_CLOUD_PROJECT=my-project" in lines
    assert f"Wrote {file} (external_account_authorized_user) for {ADA}." in made.err
    for secret in (body["refresh_token"], body["client_secret"]):
        assert secret not in made.out + made.err


def test_json(open_lab: Desk, home: Path) -> None:
    """Programs get the guard as an object, and no secret."""
    file = home / "adc.json"
    answer = create(open_lab, ADA, file, "--format", "json", "--quiet")
    assert answer.err == ""
    assert answer.json["scopes"] == list(DEFAULT)
    assert answer.json["environment"]["https_proxy"] == open_lab.emulator.address
    assert set(answer.json) == {
        *("account", "clientId", "projectId", "scopes", "type", "path", "environment")
    }


def test_own_client(open_lab: Desk, home: Path) -> None:
    """With a client file the consent is to that client, for the scopes named."""
    client = open_lab.emulator.control.create_client("my-project", "cli")
    (home / "client.json").write_text(json.dumps(client["file"]))
    more = ("--client-id-file", str(home / "client.json"), "--scopes", "tuning")
    answer = create(open_lab, ADA, home / "adc.json", *more, "--format", "json").json
    assert answer["clientId"] == client["clientId"]
    assert answer["scopes"] == [TUNING]


def test_service_account(open_lab: Desk, home: Path) -> None:
    """A service account gets a new key; its quota project travels in a variable."""
    file = home / "key.json"
    made = create(open_lab, ROBOT.upper(), file, "--quota-project", "payer")
    body = json.loads(file.read_text())
    assert (body["type"], body["client_email"]) == ("service_account", ROBOT)
    assert body["token_uri"] == f"{open_lab.emulator.address}/token"
    assert "export GOOGLE_CLOUD_QUOTA_PROJECT=payer\n" in made.out


@pytest.mark.parametrize("option", [("--scopes", "tuning"), ("--client-id-file", "x.json")])
def test_a_key_has_no_consent(open_lab: Desk, home: Path, option: tuple[str, str]) -> None:
    """Options of a consent are refused for a service account, before a key is made."""
    refused = create(open_lab, ROBOT, home / "key.json", *option, code=2)
    assert f"{option[0]} is for people" in refused.err
    assert not (home / "key.json").exists()


def test_not_a_tester(lab: Desk, home: Path) -> None:
    """Who could not sign in gets no file, and is told the command that changes it."""
    refused = create(lab, ADA, home / "adc.json", code=4)
    assert f"gemauth emulator test-users add my-project {ADA}" in refused.err
    assert not (home / "adc.json").exists()


def test_nothing_is_overwritten(open_lab: Desk, home: Path) -> None:
    """A file that is there stays, unless told otherwise; nothing was made for it."""
    file = home / "adc.json"
    file.write_text("mine")
    create(open_lab, ADA, file, code=2)
    assert file.read_text() == "mine"
    assert open_lab.emulator.control.clients("my-project") == []
    create(open_lab, ADA, file, "--overwrite")
    assert json.loads(file.read_text())["client_id"]
