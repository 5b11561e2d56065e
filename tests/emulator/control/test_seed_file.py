from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gemauth.emulator.control.seed_file import load
from gemauth.emulator.storage.records import TunedModel
from gemauth.errors import DataError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.emulator.control.conftest import Room

ADDRESS = "http://127.0.0.1:1"


def test_a_seed_may_be_json_or_toml(room: Room, tmp_path: Path) -> None:
    """A name that ends in .toml is TOML, any other JSON"""
    toml = tmp_path / "seed.toml"
    toml.write_text('# people\n[[accounts]]\nemail = "ada@example.com"\n')
    json = tmp_path / "seed"
    json.write_text('{"accounts": [{"email": "bob@example.com"}]}')
    assert load(room.context, toml, ADDRESS)["created"] == ["accounts/ada@example.com"]
    assert load(room.context, json, ADDRESS)["created"] == ["accounts/bob@example.com"]


def test_a_date_of_toml_is_a_time_of_the_api(room: Room, tmp_path: Path) -> None:
    """TOML has dates of its own; the API has text for them"""
    toml = tmp_path / "seed.toml"
    toml.write_text(
        '[[accounts]]\nemail = "ada@example.com"\n[[projects]]\nprojectId = "my-project"\n'
        '[[tunedModels]]\nid = "m"\nowner = "ada@example.com"\nproject = "my-project"\n'
        "[tunedModels.resource.tuningTask]\nstartTime = 2026-01-02T03:04:05Z\n"
    )
    load(room.context, toml, ADDRESS)
    with room.context.store.read() as tx:
        (model,) = tx.find(TunedModel)
    assert model.resource["tuningTask"] == {"startTime": "2026-01-02T03:04:05Z"}


@pytest.mark.parametrize(
    ("name", "content", "text"),
    [
        ("seed.json", b"{", "is no JSON"),
        ("seed.toml", b"x", "is no TOML"),
        ("seed.json", b"\xff", "is no JSON"),
        ("seed.json", b"[" * 100_000, "is no JSON"),
        ("seed.toml", b"x = " + b"[" * 100_000, "is no TOML"),
        ("seed.toml", b"x = nan", "is no TOML"),
        ("seed.json", b"[]", "The body must be a JSON object"),
        ("seed.json", b'{"accounts": [{"email": 1}]}', "accounts[0].email"),
        ("seed.json", b'{"projects": [{"projectId": "x"}]}', "projects[0]: project_id"),
    ],
)
def test_a_file_that_is_wrong_says_where(
    room: Room, tmp_path: Path, name: str, content: bytes, text: str
) -> None:
    """The error names the file and the place in it"""
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        load(room.context, path, ADDRESS)
    assert str(path) in caught.value.message
    assert text in caught.value.message


def test_a_missing_file_is_a_usage_error(room: Room, tmp_path: Path) -> None:
    """A seed file that is not there is the caller's mistake"""
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        load(room.context, tmp_path / "none.json", ADDRESS)
