from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gemauth.emulator.control.seed_file import load
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


@pytest.mark.parametrize(
    ("name", "content", "text"),
    [
        ("seed.json", b"{", "is no JSON"),
        ("seed.toml", b"x", "is no TOML"),
        ("seed.json", b"\xff", "is no JSON"),
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
