from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gemauth.client.login.wish import read_client
from gemauth.errors import DataError, NotFoundError

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
