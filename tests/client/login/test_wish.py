from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest

from gemauth.client.login.wish import read_client
from gemauth.errors import DataError, NotFoundError
from gemauth.google.client_secret import WrongFile
from tests.client.cache.others import OTHERS, at_once, lay, unless_windows
from tests.client.transcript import CLIENT


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


@unless_windows
def test_a_clients_file_through_a_pipe(tmp_path: Path) -> None:
    """`--client-id-file <(vault read …)`: by a descriptor's name, or by a pipe's own."""
    content = json.dumps(CLIENT.to_json()).encode()
    reading, writing = os.pipe()
    os.write(writing, content)
    os.close(writing)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(content,), daemon=True)
    writer.start()
    with at_once():
        for path in (Path(f"/dev/fd/{reading}"), pipe):
            assert read_client(path).client_id == CLIENT.client_id
    writer.join()
    os.close(reading)


@unless_windows
@pytest.mark.parametrize("kind", sorted(OTHERS.keys() - {"pipe"}))
def test_a_clients_file_that_is_none(kind: str, tmp_path: Path) -> None:
    """A folder, a socket, a device without an end: told what it is."""
    lay(kind, tmp_path / "client.json")
    with at_once(), pytest.raises(DataError, match=f"is {OTHERS[kind]}, where a file is meant"):
        read_client(tmp_path / "client.json")
