from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gemauth.client.login.wish import read_client
from gemauth.errors import DataError, NotFoundError
from gemauth.google.client_secret import WrongFile

if TYPE_CHECKING:
    from pathlib import Path


def test_the_client_file(tmp_path: Path) -> None:
    """Missing, no JSON, no client: each in one sentence."""
    with pytest.raises(NotFoundError, match="no OAuth client file"):
        read_client(tmp_path / "none.json")
    path = tmp_path / "client.json"
    for content, words in (("{", "no JSON"), ("{}", "top-level key"), ("[]", "top-level key")):
        path.write_text(content)
        with pytest.raises(DataError, match=words):
            read_client(path)


def test_what_stands_in_the_files_place(tmp_path: Path) -> None:
    """A client's id instead of its file, and a key: told what they are, and what to do instead."""
    with pytest.raises(NotFoundError, match="is an OAuth client's id"):
        read_client(tmp_path / "12-ab.apps.googleusercontent.com")
    key = tmp_path / "key.json"
    key.write_text('{"type": "service_account"}')
    with pytest.raises(WrongFile, match=r"key.json: .*a service account's key") as caught:
        read_client(key)
    assert "--credentials" in (caught.value.next_step or "")
