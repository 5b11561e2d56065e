from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING

from gemauth.google.client_secret import ClientSecret

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.cli.emulator.conftest import Desk


def test_a_client_comes_with_its_file(lab: Desk, tmp_path: Path) -> None:
    """The file is 0600 and good for signing in; its secret is in no output"""
    path = tmp_path / "cs.json"
    terminal = lab.run("clients", "create", "my-project", "cli", "--output", str(path))
    client = ClientSecret.from_json(json.loads(path.read_text()))
    assert client.token_uri == f"{lab.emulator.address}/token"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert client.client_id in terminal.out
    assert client.client_secret not in terminal.out + terminal.err


def test_the_files_name_is_the_consoles(
    lab: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without --output the file is client_secret_CLIENT_ID.json in the current folder"""
    monkeypatch.chdir(tmp_path)
    made = lab.run("clients", "create", "my-project", "cli", "--format", "json").json
    assert [path.name for path in tmp_path.iterdir()] == [f"client_secret_{made['clientId']}.json"]
    assert "file" not in made


def test_a_file_that_is_there_prevents_the_client(lab: Desk, tmp_path: Path) -> None:
    """Nothing is created whose secret could not be written down; --overwrite replaces"""
    path = tmp_path / "cs.json"
    path.write_text("mine")
    words = ("clients", "create", "my-project", "cli", "--output", str(path))
    assert "not overwritten" in lab.run(*words, code=2).err
    assert path.read_text() == "mine"
    assert lab.emulator.control.clients("my-project") == []
    lab.run(*words, "--overwrite")
    ClientSecret.from_json(json.loads(path.read_text()))


def test_a_file_may_go_to_standard_output(lab: Desk) -> None:
    """--output - prints the file and nothing else on stdout"""
    printed = lab.run("clients", "create", "my-project", "cli", "--output", "-").json
    assert ClientSecret.from_json(printed).kind == "installed"


def test_a_web_client_has_redirect_uris(lab: Desk) -> None:
    """--redirect-uri may be repeated, and a bad one is refused"""
    words = ("clients", "create", "my-project", "site", "--kind", "web", "--output", "-")
    uris = ("--redirect-uri", "http://localhost:1/", "--redirect-uri", "https://a.example.com/")
    assert len(lab.run(*words, *uris).json["web"]["redirect_uris"]) == 2
    assert "must be https" in lab.run(*words, "--redirect-uri", "http://a.example.com/", code=4).err


def test_a_clients_life(lab: Desk, tmp_path: Path) -> None:
    """List, get, a second secret with its file, disable, enable, delete"""
    made = lab.emulator.control.create_client("my-project", "cli")
    client_id = made["clientId"]
    assert client_id in lab.run("clients", "list", "my-project").out
    path = tmp_path / "second.json"
    lab.run("clients", "add-secret", client_id, "--output", str(path))
    second = ClientSecret.from_json(json.loads(path.read_text()))
    assert second.client_secret != made["file"]["installed"]["client_secret"]
    for command, state in (("disable", "disabled"), ("enable", "active"), ("delete", "deleted")):
        lab.run("clients", command, client_id)
        got = lab.run("clients", "get", client_id, "--format", "json").json
        assert got["state"] == state


def test_api_keys(lab: Desk) -> None:
    """Create prints the key, list does not, delete takes the uid"""
    made = lab.run("api-keys", "create", "my-project", "ci", "--format", "json").json
    assert made["key"].startswith("AIzaEmu")
    assert made["key"] not in lab.run("api-keys", "list", "my-project", "--format", "json").out
    lab.run("api-keys", "delete", made["uid"])
    assert lab.run("api-keys", "list", "my-project").err == "There are no API keys.\n"
