from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gemauth.client.cache.grants import Grant, forget, recall, remember

if TYPE_CHECKING:
    from pathlib import Path

GRANT = Grant(("a", "b"), "ada@example.com", 1_800_000_000.0, "demo", "http://127.0.0.1:8085")

ODD = (
    b'{"scopes": [1]}',
    b'{"scopes":[],"account":{}}',
    b'{"scopes":[],"refresh_until":"x"}',
    b"[" * 100_000,
    b"\xff",
)


def test_a_grant_is_remembered_under_its_own_token(home: Path) -> None:
    """Another sign-in's refresh token finds nothing, so nothing stale is ever said of it."""
    environ = {"HOME": str(home)}
    remember(environ, "1//0mine", GRANT)
    assert recall(environ, "1//0mine") == GRANT
    assert recall(environ, "1//0another") is None
    forget(environ, "1//0mine")
    assert recall(environ, "1//0mine") is None


def test_it_holds_no_secret_and_is_private(home: Path) -> None:
    """Neither name nor content shows the refresh token; 0600 all the same."""
    remember({"HOME": str(home)}, "1//0mine", GRANT)
    (file,) = (home / ".config" / "gemauth" / "grants").iterdir()
    assert "0mine" not in file.name + file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b'{"scopes": 1}', b'{"scopes":[],"x":1}', *ODD]
)
def test_what_cannot_be_read_is_unknown(content: bytes, home: Path) -> None:
    """A broken remark is no remark."""
    remember({"HOME": str(home)}, "1//0mine", GRANT)
    (file,) = (home / ".config" / "gemauth" / "grants").iterdir()
    file.write_bytes(content)
    assert recall({"HOME": str(home)}, "1//0mine") is None


def test_without_a_place_nothing_is_remembered(tmp_path: Path) -> None:
    """No home, or one that cannot be written to, costs the remark and nothing else."""
    for environ in ({}, {"HOME": str(tmp_path / "file")}):
        (tmp_path / "file").touch()
        remember(environ, "1//0mine", GRANT)
        assert recall(environ, "1//0mine") is None
        forget(environ, "1//0mine")
