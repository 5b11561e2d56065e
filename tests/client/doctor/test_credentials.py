from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gemauth.client.cache import files, keyring
from gemauth.client.cache.keyring import Pointer
from gemauth.client.doctor import credentials
from gemauth.client.doctor.case import Case
from gemauth.client.doctor.finding import State
from gemauth.errors import UsageError
from gemauth.http import Headers, Response
from tests.client.doctor.google import USER, case
from tests.client.flows.test_assertion import KEY
from tests.client.transcript import Sender

if TYPE_CHECKING:
    from pathlib import Path


def test_a_sign_in(home: Path) -> None:
    """Where it is, what it is, whose, and why it is the one."""
    there = case(home)
    found = credentials.source(there)
    assert found.state is State.OK
    assert "authorized_user, ada@x.org): It is the well-known ADC file." in found.message
    assert there.file is not None
    assert there.file.credentials == USER
    assert credentials.client(there).message.endswith(f"{USER.client_id}.")


def test_a_keyring(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The OAuth client of a sign-in whose secrets are in a keyring is looked at as well."""
    path = home / ".config/gemauth/profiles/safe.json"
    files.write_private(path, json.dumps(Pointer.to(USER, "a.Keyring").to_json()).encode())
    monkeypatch.setattr(keyring, "read", lambda _: USER)
    there = case(home, profile="safe")
    assert credentials.source(there).state is State.OK
    assert there.found is not None
    assert there.found.path is None
    assert credentials.client(there).message.endswith(f"{USER.client_id}.")


def test_a_profile_that_is_not_there(home: Path) -> None:
    """Nobody is told to use what does not exist."""
    there = case(home, environ={"GEMAUTH_PROFILE": "none"})
    with pytest.raises(UsageError, match="There is no profile 'none'"):
        credentials.source(there)
    found = credentials.profile(there)
    assert (found.state, found.next_step) == (State.SKIPPED, None)


def test_a_machine_of_google_clouds() -> None:
    """A metadata server has no file, and no OAuth client."""
    there = Case({}, transport=Sender(Response(200, Headers({"Metadata-Flavor": "Google"}))))
    assert credentials.source(there).state is State.OK
    assert credentials.file(there).state is State.SKIPPED
    assert credentials.client(there).state is State.SKIPPED


def test_a_named_key(home: Path) -> None:
    """A file that is named is the one, and shadows nothing."""
    path = home / "key.json"
    path.write_text(json.dumps(KEY.to_json()))
    there = case(home, credentials=str(path))
    found = credentials.source(there)
    assert (found.state, KEY.client_email in found.message) == (State.OK, True)
    assert credentials.client(there).state is State.SKIPPED


def test_who_may_touch_the_file(home: Path) -> None:
    """Another's file, one in a folder of everybody's, and Windows, where modes say nothing."""
    there = case(home)
    credentials.source(there)
    assert there.file is not None
    path = there.file.path
    assert credentials.file(there).state is State.OK
    there.user = 1
    found = credentials.file(there)
    assert (found.state, found.next_step) == (State.WARNING, f"sudo chown 1 {path}")
    there.user = None
    path.parent.chmod(0o777)
    found = credentials.file(there)
    assert (found.state, found.next_step) == (State.WARNING, f"chmod go-w {path.parent}")
    path.parent.chmod(0o1777)  # as /tmp is: nobody replaces another's file there
    assert credentials.file(there).state is State.OK
    there.platform = "win32"
    assert credentials.file(there).state is State.SKIPPED
