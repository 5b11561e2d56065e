from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from gemauth.google.client_secret import ClientSecret

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.emulator.conftest import Desk

SEED: dict[str, Any] = {
    "accounts": [{"email": "ada@example.com"}],
    "projects": [
        {
            "projectId": "my-project",
            "owner": "ada@example.com",
            "consentScreen": {"appName": "Demo", "supportEmail": "ada@example.com"},
            "clients": [{"kind": "desktop", "name": "cli"}],
            "apiKeys": [{"displayName": "ci"}],
        }
    ],
}


def test_models_come_and_go(lab: Desk, tmp_path: Path) -> None:
    """Create takes names from options and more members from a file; list and delete follow"""
    more = tmp_path / "more.json"
    more.write_text('{"topK": 5}')
    made = lab.run(
        *("tuned-models", "create", "my-model", "--owner", "ada@example.com"),
        *("--project", "my-project", "--display-name", "Mine", "--resource", str(more)),
        *("--format", "json"),
    ).json
    assert (made["resource"]["displayName"], made["resource"]["topK"]) == ("Mine", 5)
    assert "tunedModels/my-model" in lab.run("tuned-models", "list").out
    lab.run("tuned-models", "delete", "tunedModels/my-model")
    assert lab.run("tuned-models", "list").err == "There are no tuned models.\n"


def test_a_seed_is_applied_and_its_files_are_kept(desk: Desk, tmp_path: Path) -> None:
    """What is new is listed, clients' files go to --output, keys are printed; again, nothing is"""
    seed = tmp_path / "seed.json"
    seed.write_text(json.dumps(SEED))
    folder = tmp_path / "files"
    folder.mkdir()
    terminal = desk.run("seed", str(seed), "--output", str(folder))
    (file,) = folder.iterdir()
    client = ClientSecret.from_json(json.loads(file.read_text()))
    assert f"projects/my-project/clients/{client.client_id}" in terminal.out
    assert client.client_secret not in terminal.out + terminal.err
    assert "AIzaEmu" in terminal.out
    again = desk.run("seed", str(seed), "--output", str(folder))
    assert (again.out, again.err) == ("", "Everything was there already.\n")


def test_a_seed_without_a_folder_warns_of_lost_secrets(desk: Desk, tmp_path: Path) -> None:
    """New clients' secrets that nobody wrote down are told of; JSON has them"""
    seed = tmp_path / "seed.toml"
    seed.write_text('[[accounts]]\nemail = "ada@example.com"\n')
    assert desk.run("seed", str(seed)).out == "accounts/ada@example.com\n"
    (tmp_path / "seed.json").write_text(json.dumps(SEED))
    assert "were not written down" in desk.run("seed", str(tmp_path / "seed.json")).err
    other = json.dumps(SEED).replace("my-project", "other-project")
    (tmp_path / "seed.json").write_text(other)
    answer = desk.run("seed", str(tmp_path / "seed.json"), "--format", "json").json
    ClientSecret.from_json(answer["clients"][0]["file"])


@pytest.mark.parametrize(
    ("name", "content", "code", "text"),
    [
        ("none.json", None, 2, "none.json cannot be read: No such file or directory.\n"),
        ("seed.json", "{", 7, "is no JSON"),
        ("seed.toml", "{", 7, "is no TOML"),
        ("seed.json", "[]", 7, "holds no JSON object"),
        ("seed.json", '{"acounts": []}', 4, "acounts: is not known here"),
    ],
)
def test_a_wrong_seed_says_why(
    desk: Desk, tmp_path: Path, name: str, content: str | None, code: int, text: str
) -> None:
    """A file that cannot be read, or declares nonsense, is told apart and named"""
    if content is not None:
        (tmp_path / name).write_text(content)
    assert text in desk.run("seed", str(tmp_path / name), code=code).err


def test_a_folder_that_is_none_is_refused_before_anything_is_made(
    desk: Desk, tmp_path: Path
) -> None:
    """Secrets are not made where they could not be kept"""
    (tmp_path / "seed.json").write_text(json.dumps(SEED))
    desk.run("seed", str(tmp_path / "seed.json"), "--output", str(tmp_path / "none"), code=2)
    assert desk.emulator.control.accounts() == []


def test_a_seed_may_come_through_a_pipe(desk: Desk) -> None:
    """- reads the document from standard input"""
    typed = '{"accounts": [{"email": "ada@example.com"}]}'
    assert desk.run("seed", "-", typed=typed).out == "accounts/ada@example.com\n"
