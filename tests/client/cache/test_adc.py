from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from gemauth.client.cache import adc
from gemauth.errors import DataError, NotFoundError, UsageError
from gemauth.google.credentials import AuthorizedUser

if TYPE_CHECKING:
    from pathlib import Path

REAL = AuthorizedUser("1-x.apps.googleusercontent.com", "GOCSPX-x", "1//0x", "billed", "ada@x.com")
EMULATED = AuthorizedUser("1-emu1.apps.googleusercontent.com", "GOCSPX-emu-x", "1//emu-x")
KEY = {"type": "service_account", "client_email": "sa@x", "private_key": "k"}


def test_the_file_is_gclouds(tmp_path: Path) -> None:
    """Sorted, two spaces, only what gcloud writes (google-oauth.md 6.3), and 0600."""
    path = tmp_path / "adc.json"
    written = adc.write(path, REAL)
    assert written.raw == path.read_bytes()
    assert path.read_text() == (
        "{\n"
        '  "account": "ada@x.com",\n'
        '  "client_id": "1-x.apps.googleusercontent.com",\n'
        '  "client_secret": "GOCSPX-x",\n'
        '  "quota_project_id": "billed",\n'
        '  "refresh_token": "1//0x",\n'
        '  "type": "authorized_user",\n'
        '  "universe_domain": "googleapis.com"\n'
        "}\n"
    )
    assert path.stat().st_mode & 0o777 == 0o600
    assert adc.read(path) == written


def test_the_well_known_place() -> None:
    """Without a home there is none, said so."""
    assert adc.well_known({"CLOUDSDK_CONFIG": "/c"}).parent.name == "c"
    with pytest.raises(UsageError, match="HOME"):
        adc.well_known({})


def test_what_cannot_be_read(tmp_path: Path) -> None:
    """A missing file, no JSON, no credentials: each named with its path, and left as it was."""
    path = tmp_path / "adc.json"
    with pytest.raises(NotFoundError, match=r"adc\.json"):
        adc.read(path)
    for content in (b"{", b"\xff", b"[]", b'{"type": "unheard_of"}', b'{"installed": {}}'):
        path.write_bytes(content)
        with pytest.raises(DataError, match=r"adc\.json"):
            adc.read(path)
        assert path.read_bytes() == content


def content(value: AuthorizedUser | dict[str, Any] | str) -> str:
    """Return what a file holds."""
    body = value.to_json() if isinstance(value, AuthorizedUser) else value
    return body if isinstance(body, str) else json.dumps(body)


EMULATED_KEY = KEY | {"token_uri": "http://127.0.0.1:8085/token"}
REAL_KEY = KEY | {"token_uri": "https://oauth2.googleapis.com/token"}
OTHER = {"type": "external_account", "audience": "x"}


@pytest.mark.parametrize(
    ("present", "emulated", "words"),
    [
        (None, True, None),
        (REAL, False, None),
        (REAL, True, r"ada@x\.com's sign-in at Google"),
        (EMULATED, True, None),
        (EMULATED, False, None),
        (REAL_KEY, False, "the key of sa@x"),
        (REAL_KEY, True, "the key of sa@x"),
        (EMULATED_KEY, True, None),
        (OTHER, False, "external_account"),
        ("{broken", False, "no JSON"),
        ("{broken", True, "no JSON"),
    ],
)
def test_nothing_of_worth_is_lost(
    present: Any, tmp_path: Path, words: str | None, *, emulated: bool
) -> None:
    """What a sign-in may overwrite, and what only --replace does; the three ways out are named."""
    path = tmp_path / "adc.json"
    if present is not None:
        path.write_text(content(present))
    if words is None:
        adc.require_free(path, emulated=emulated, replace=False)
    else:
        with pytest.raises((UsageError, DataError), match=words) as caught:
            adc.require_free(path, emulated=emulated, replace=False)
        for way in ("CLOUDSDK_CONFIG", "--output", "--replace"):
            assert way in (caught.value.next_step or "")
    adc.require_free(path, emulated=emulated, replace=True)


@pytest.mark.parametrize("replace", [True, False])
def test_a_place_that_cannot_be_written_to(tmp_path: Path, *, replace: bool) -> None:
    """That is seen before a person signs in, and nothing would replace a link or a device."""
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "elsewhere")
    for path in (link, tmp_path):
        with pytest.raises(DataError):
            adc.require_free(path, emulated=True, replace=replace)


def test_brackets_without_end(tmp_path: Path) -> None:
    """A file that exhausts the JSON reader is no credential file, and no defect."""
    path = tmp_path / "deep.json"
    path.write_text("[" * 100_000)
    with pytest.raises(DataError, match="no JSON file"):
        adc.read(path)
