from __future__ import annotations

from pathlib import Path

import pytest

from gemauth.client.cache import adc, grants
from gemauth.client.cache.keyring import Pointer
from gemauth.client.cache.lock import FileLock
from gemauth.client.profiles import store
from gemauth.client.sources import chain
from gemauth.errors import DataError, NotFoundError, UsageError
from gemauth.google.credentials import ImpersonatedServiceAccount
from tests.client.flows.test_assertion import KEY
from tests.client.profiles.people import ADA, BOB, EMULATED, profile, put


@pytest.mark.parametrize("name", ["work", "ada@example.com", "2", "a.b_c-d+e"])
def test_names(environ: dict[str, str], name: str) -> None:
    """A name is a file's, in a folder of profiles."""
    path = store.place(environ, name)
    assert path == Path(environ["HOME"], ".config/gemauth/profiles", f"{name}.json")
    assert store.name_of(environ, path) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "../x",
        "a/b",
        "a\\b",
        "-x",
        ".x",
        "x.",
        "A",
        "ä",
        "a b",
        "a\n",
        "x" * 65,
        "com1",
    ],
)
def test_what_is_no_name(environ: dict[str, str], name: str) -> None:
    """No part of a path, nothing hidden, no option, no device, one file on every system."""
    with pytest.raises(UsageError, match="cannot be a profile's name"):
        store.place(environ, name)


def test_other_files_are_no_profiles(environ: dict[str, str], home: Path) -> None:
    """Neither a file elsewhere nor one of another kind in the folder."""
    profile(environ, "work", ADA)
    folder = store.place(environ, "work").parent
    for other in (".work.json.0123456789abcdef", "notes.txt", "Work.json"):
        put(folder / other, ADA)
    assert store.names(environ) == ["work"]
    assert store.name_of(environ, home / "work.json") is None
    assert store.name_of(environ, folder / "work") is None


def test_without_a_home() -> None:
    """There are no profiles, and there is no place for any."""
    assert store.names({}) == []
    with store.alone({}):
        assert store.name_of({}, Path("work.json")) is None
    with pytest.raises(UsageError, match="no home"):
        store.place({}, "work")


def test_a_sign_in(environ: dict[str, str]) -> None:
    """What is not in the file is what was remembered of its grant."""
    profile(environ, "work", ADA)
    known = grants.Grant(("a", "b"), "ada@x.org", 1.8e9, "client-project")
    grants.remember(environ, ADA.refresh_token, known)
    found = store.read(environ, "work")
    assert (found.kind, found.side, found.store) == ("authorized_user", "google", "file")
    assert (found.account, found.scopes, found.expires) == ("ada@x.org", ("a", "b"), 1.8e9)
    assert found.project == "client-project"


def test_which_file_is_meant(environ: dict[str, str], home: Path) -> None:
    """The one that is named, the profile, GEMAUTH_PROFILE's, else the well-known ADC file."""
    profile(environ, "work", ADA)
    profile(environ, "home", BOB)
    assert store.locate(environ) == adc.well_known(environ)
    assert store.locate(environ, profile="work") == store.place(environ, "work")
    environ["GEMAUTH_PROFILE"] = "home"
    assert store.locate(environ) == store.place(environ, "home")
    assert store.locate(environ, profile="work") == store.place(environ, "work")
    assert store.locate(environ, home / "x.json") == home / "x.json"
    with pytest.raises(UsageError, match="gcloud keeps its sign-in itself"):
        store.locate(environ, chain.GCLOUD)
    with pytest.raises(NotFoundError):
        store.locate(environ, profile="none")


def test_who_acts_as_a_service_account(environ: dict[str, str]) -> None:
    """The account is the one that is acted as; its side is that of the servers."""
    url = "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/r@p:generateAccessToken"
    profile(environ, "robot", ImpersonatedServiceAccount(url, ADA))
    found = store.read(environ, "robot")
    assert (found.kind, found.account, found.side) == (
        "impersonated_service_account",
        "r@p",
        "google",
    )


def test_a_folder_that_cannot_be_read(environ: dict[str, str]) -> None:
    """It is told, not taken for an empty one."""
    folder = store.place(environ, "work").parent
    folder.parent.mkdir(parents=True)
    folder.symlink_to(folder)
    with pytest.raises(DataError, match="cannot be read"):
        store.names(environ)


def test_a_key_and_an_emulators(environ: dict[str, str]) -> None:
    """A key names its account and project; each side is told by what made it."""
    profile(environ, "key", KEY)
    profile(environ, "local", EMULATED)
    key, local = store.read(environ, "key"), store.read(environ, "local")
    assert (key.kind, key.account, key.project) == (
        "service_account",
        KEY.client_email,
        KEY.project_id,
    )
    assert (key.side, local.side) == ("google", "emulator")


def test_in_a_keyring(environ: dict[str, str]) -> None:
    """The pointer tells all there is to tell: no keyring is opened."""
    grants.remember(environ, ADA.refresh_token, grants.Grant(("a",), None, 1.8e9))
    pointer = Pointer.to(ADA, "no.such.Backend")
    profile(environ, "safe", adc.form(pointer.to_json()))
    found = store.read(environ, "safe")
    assert (found.kind, found.store) == ("authorized_user", "no.such.Backend")
    assert (found.account, found.scopes, found.expires) == ("ada@x.org", ("a",), 1.8e9)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"type": "new"}', b'{"type": "gemauth_keyring"}']
)
def test_a_corrupt_file_is_told_and_kept(environ: dict[str, str], content: bytes) -> None:
    """Its problem names the file; nothing is written."""
    profile(environ, "work", content)
    found = store.read(environ, "work")
    assert isinstance(found.problem, DataError)
    assert found.path in found.problem.message
    assert store.place(environ, "work").read_bytes() == content


def test_a_key_that_leads_elsewhere(environ: dict[str, str]) -> None:
    """A file that names somebody else's server is of no side, and told."""
    profile(environ, "odd", put_uri(b"https://evil.example/token"))
    assert "neither Google's" in str(store.read(environ, "odd").problem)


def put_uri(uri: bytes) -> bytes:
    """A key's file with another token endpoint."""
    return adc.form({**KEY.to_json(), "token_uri": uri.decode()})


def test_no_such_profile(environ: dict[str, str]) -> None:
    """The error names those that there are, or how to make one."""
    with pytest.raises(NotFoundError) as none:
        store.read(environ, "work")
    assert "--profile work" in str(none.value)
    profile(environ, "home", BOB)
    with pytest.raises(NotFoundError, match=r"There are: home\."):
        store.held(environ, "work")


def test_one_at_a_time(environ: dict[str, str]) -> None:
    """Who changes profiles waits for who does already, and not for ever."""
    times = iter([0.0, 5.0, 11.0])
    waited: list[float] = []
    with store.alone(environ):
        lock = FileLock(str(Path(environ["HOME"], ".config/gemauth/locks/profiles")))
        assert not lock.acquire()
        with (
            pytest.raises(UsageError, match="for 10 seconds"),
            store.alone(environ, now=lambda: next(times), sleep=waited.append),
        ):
            pytest.fail("had twice")
    assert waited == [0.02]
    with store.alone(environ):
        pass
