from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gemauth.client.cache import adc, files, grants, keyring, tokens
from gemauth.client.profiles import store, upkeep
from gemauth.client.revoke import revoke
from gemauth.client.token import AccessToken
from gemauth.errors import (
    CredentialError,
    DataError,
    NotFoundError,
    UnreachableError,
    UsageError,
)
from gemauth.google.credentials import AuthorizedUser
from gemauth.google.endpoints import GOOGLE
from gemauth.http import Response
from tests.client.flows.test_assertion import KEY
from tests.client.transcript import EMULATOR, Sender, answer

if TYPE_CHECKING:
    from collections.abc import Mapping

USER = AuthorizedUser("1-x.apps.googleusercontent.com", "GOCSPX-x", "1//0x")
EMULATED = AuthorizedUser("1-emu1.apps.googleusercontent.com", "GOCSPX-emu-x", "1//emu-x")
GONE = Response(200, body=b"{}")


@pytest.fixture
def environ(home: Path) -> Mapping[str, str]:
    """A home with a sign-in, its remark and its cached token."""
    environ = {"HOME": str(home)}
    put(environ, USER, "")
    return environ


def put(environ: Mapping[str, str], user: AuthorizedUser, address: str) -> None:
    """Write a sign-in and what goes with it."""
    file = adc.write(adc.well_known(environ), user)
    grants.remember(environ, user.refresh_token, grants.Grant(("a",)))
    place = tokens.entry(environ, file.raw, (), address)
    assert place is not None
    tokens.store(place, AccessToken("ya29.x", 5e9))


def test_both_halves(environ: Mapping[str, str]) -> None:
    """The grant ends at the server, and the file, the remark and the cached token are gone."""
    sender = Sender(GONE)
    assert tokens.cached(environ, 0) == "ya29.x"
    done = revoke(environ=environ, transport=sender)
    assert (done.at_server, done.deleted, done.problem) == (True, True, None)
    assert sender.requests[0].url == GOOGLE.revocation
    path = adc.well_known(environ)
    assert done.path == str(path)
    assert not path.exists()
    assert grants.recall(environ, "1//0x") is None
    adc.write(path, USER)
    assert tokens.cached(environ, 0) is None


def test_a_grant_that_was_over(environ: Mapping[str, str]) -> None:
    """Google's 400 invalid_token means that there is nothing left to end."""
    done = revoke(environ=environ, transport=Sender(answer(400, error="invalid_token")))
    assert done.at_server
    assert done.deleted


@pytest.mark.parametrize("failure", [UnreachableError("down"), Response(503)])
def test_the_file_goes_whatever_the_server_says(
    failure: Response | Exception, environ: Mapping[str, str]
) -> None:
    """RFC 7009's advice; which half did not happen is reported with its reason."""
    done = revoke(environ=environ, transport=Sender(failure))
    assert not done.at_server
    assert done.deleted
    assert done.problem is not None
    assert not adc.well_known(environ).exists()


@pytest.mark.parametrize("what", ["application_default_credentials.json", "gemauth"])
def test_a_file_that_stays(
    what: str, environ: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the server did is told all the same, and the credentials go before any cache."""
    unlink = Path.unlink

    def refuse(self: Path, *, missing_ok: bool = False) -> None:
        if what in self.parts:
            raise PermissionError(13, "Permission denied")
        unlink(self, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", refuse)
    done = revoke(environ=environ, transport=Sender(GONE))
    assert done.at_server
    assert done.deleted is (what == "gemauth")
    assert isinstance(done.problem, DataError)


def test_another_sign_in_while_the_server_is_asked(environ: Mapping[str, str]) -> None:
    """What was revoked goes, its tokens too; what came in its place was not, and is kept."""
    path = adc.well_known(environ)
    newer = replace(USER, refresh_token="1//0newer")

    class Slow(Sender):
        def send(self, *request: Any) -> Response:
            adc.write(path, newer)
            return super().send(*request)

    done = revoke(environ=environ, transport=Slow(GONE))
    assert (done.at_server, done.deleted, done.files) == (True, False, ())
    assert isinstance(done.problem, DataError)
    assert "another sign-in" in done.problem.message
    assert adc.read(path).credentials == newer
    adc.write(path, USER)
    assert tokens.cached(environ, 0) is None


def test_what_ends_with_it(environ: Mapping[str, str]) -> None:
    """A person's grant to a client is one: other profiles of it are named, no other account's."""
    ada = replace(USER, refresh_token="1//0ada", account="ada@x.org")
    path = adc.well_known(environ)
    others = {
        "again": replace(ada, refresh_token="1//0again", account="Ada@x.org"),
        "bob": replace(ada, refresh_token="1//0bob", account="bob@x.org"),
        "client": replace(ada, refresh_token="1//0c", client_id="2-y.apps.googleusercontent.com"),
        "nameless": USER,
        "same": ada,
    }
    for name, user in others.items():
        adc.write(store.place(environ, name), user)
    store.place(environ, "broken").write_bytes(b"{")
    adc.write(path, ada)
    done = revoke(environ=environ, transport=Sender(GONE))
    assert done.with_it == ("again", "nameless")
    assert revoke(profile="nameless", environ=environ, local=True).with_it == ()
    done = revoke(profile="bob", environ=environ, transport=Sender(UnreachableError("down")))
    assert done.with_it == ()


def test_nothing_to_revoke(environ: Mapping[str, str]) -> None:
    """No file is an error of its own kind."""
    with pytest.raises(NotFoundError):
        revoke("/nonexistent.json", environ=environ, transport=Sender())


def test_a_key_cannot_be_revoked(environ: Mapping[str, str], tmp_path: Path) -> None:
    """A service account's key is deleted in the console; its file is kept."""
    path = tmp_path / "key.json"
    path.write_text(json.dumps(KEY.to_json()))
    with pytest.raises(UsageError, match="service_account"):
        revoke(path, environ=environ, transport=Sender())
    assert path.exists()


def test_nothing_crosses_the_wall(environ: Mapping[str, str]) -> None:
    """Neither side is asked about the other's token, and the file stays."""
    with pytest.raises(CredentialError):
        revoke(environ=environ, emulator=EMULATOR.gemini, transport=Sender())
    put(environ, EMULATED, EMULATOR.gemini)
    with pytest.raises(CredentialError):
        revoke(environ=environ, transport=Sender())
    assert adc.well_known(environ).exists()
    done = revoke(environ=environ, emulator=EMULATOR.gemini, transport=Sender(GONE))
    assert done.deleted
    assert tokens.cached(environ, 0, emulator=EMULATOR.gemini) is None


def test_it_opens_its_own_transport(environ: Mapping[str, str]) -> None:
    """Without one given: here no emulator answers, and the file goes all the same."""
    put(environ, EMULATED, "")
    done = revoke(environ=environ, emulator="http://127.0.0.1:9")
    assert isinstance(done.problem, UnreachableError)
    assert done.deleted


def test_without_a_home_a_named_file_works(tmp_path: Path) -> None:
    """There is no cache to look into."""
    adc.write(tmp_path / "adc.json", USER)
    assert revoke(tmp_path / "adc.json", environ={}, transport=Sender(GONE)).deleted


def test_what_only_others_can_end(environ: Mapping[str, str], tmp_path: Path) -> None:
    """Credentials that lead elsewhere end there; their file is kept."""
    path = tmp_path / "federated.json"
    path.write_text(json.dumps({"type": "gdch_service_account"}))
    with pytest.raises(UsageError, match="gdch_service_account") as caught:
        revoke(path, environ=environ, transport=Sender())
    assert "where it was set up" in (caught.value.next_step or "")
    assert path.exists()


def test_every_trace_of_it_goes(environ: Mapping[str, str], tmp_path: Path) -> None:
    """Tokens of other scopes and of accounts that it acted as, the profile that it is a copy of,
    what a killed writer left, and a sign-in that waits for its place; another's stay.
    """
    path = adc.well_known(environ)
    raw = path.read_bytes()
    mine = upkeep.save(environ, "mine", path)
    other = replace(USER, refresh_token="1//0other")
    adc.write(tmp_path / "other.json", other)
    others = upkeep.save(environ, "others", tmp_path / "other.json")
    for scopes, how in (((), ""), (("s",), ""), ((), "as robot@x.example")):
        place = tokens.entry(environ, raw, scopes, "", how)
        assert place is not None
        tokens.store(place, AccessToken("ya29.x", 5e9))
    cut_off = path.with_name(f".{path.name}.0123456789abcdef")
    cut_off.write_text("1//0half")
    folder = Path(environ["HOME"], ".config", "gemauth")
    (folder / "sign-ins").mkdir()
    for name, where in (("a", path), ("b", tmp_path / "other.json")):
        waits = {"destination": {"path": str(where)}, "verifier": "v"}
        (folder / "sign-ins" / f"{name}.json").write_text(json.dumps(waits))
    (folder / "sign-ins" / "c.json").write_text("no JSON")
    done = revoke(environ=environ, transport=Sender(GONE))
    assert done.problem is None
    assert {*done.files} == {str(path), str(mine)}
    assert [*path.parent.iterdir()] == []
    assert [*(folder / "tokens").iterdir()] == []
    assert {found.name for found in (folder / "sign-ins").iterdir()} == {"b.json", "c.json"}
    assert others.exists()
    assert grants.recall(environ, "1//0x") is None


def test_a_profile_by_name_or_variable(environ: Mapping[str, str], tmp_path: Path) -> None:
    """The profile that is named goes before GEMAUTH_PROFILE, and that before the ADC file."""
    for name in ("one", "two"):
        adc.write(tmp_path / "x.json", replace(USER, refresh_token=f"1//0{name}"))
        upkeep.save(environ, name, tmp_path / "x.json")
    chosen = {**environ, "GEMAUTH_PROFILE": "two"}
    sender = Sender(GONE, GONE)
    first = revoke(profile="one", environ=chosen, transport=sender)
    second = revoke(environ=chosen, transport=sender)
    assert [Path(done.path).stem for done in (first, second)] == ["one", "two"]
    assert [b"1%2F%2F0one" in sender.requests[0].body, b"two" in sender.requests[1].body] == [
        True,
        True,
    ]
    assert adc.well_known(environ).exists()
    with pytest.raises(NotFoundError):
        revoke(environ=chosen, transport=sender)


def test_the_server_is_left_alone(environ: Mapping[str, str]) -> None:
    """`local` sends nothing, and asks for no side: the file goes, wherever the sign-in is from."""
    put(environ, EMULATED, "")
    done = revoke(local=True, environ=environ, transport=Sender())
    assert (done.at_server, done.deleted, done.problem) == (None, True, None)


def test_the_emulator_that_it_came_from(environ: Mapping[str, str]) -> None:
    """Nobody has to name it again: it is remembered."""
    put(environ, EMULATED, "")
    known = grants.Grant(("a",), emulator=EMULATOR.gemini)
    grants.remember(environ, EMULATED.refresh_token, known)
    sender = Sender(GONE)
    assert revoke(environ=environ, transport=sender).at_server
    assert sender.requests[0].url == EMULATOR.revocation


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="descriptors have no names here")
@pytest.mark.parametrize("name", ["/dev/fd/{}", "stdin"])
def test_a_descriptor_and_what_it_leads_to(
    name: str, environ: Mapping[str, str], tmp_path: Path
) -> None:
    """The file goes; the system's link to it (/dev/stdin) is every program's, and stays."""
    real = adc.well_known(environ)
    with real.open("rb") as file:
        link = tmp_path / name.format(file.fileno())
        if name == "stdin":
            link.symlink_to(f"/proc/self/fd/{file.fileno()}")
        done = revoke(link, environ=environ, transport=Sender(GONE))
        assert (done.at_server, done.deleted, done.problem) == (True, True, None)
        assert done.files == (done.path,) == (str(real),)
        assert link.is_symlink()
    assert not real.exists()


def test_a_link_and_what_it_leads_to(environ: Mapping[str, str], tmp_path: Path) -> None:
    """The secrets are in the file, so that goes too."""
    path = adc.well_known(environ)
    path.rename(tmp_path / "real.json")
    path.symlink_to(tmp_path / "real.json")
    done = revoke(environ=environ, transport=Sender(GONE))
    assert done.deleted
    assert sorted(done.files) == sorted([str(path), str(tmp_path / "real.json")])
    assert not path.is_symlink()
    assert not (tmp_path / "real.json").exists()


URL = (
    "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/"
    "robot@p.iam.gserviceaccount.com:generateAccessToken"
)
OUTSIDER = {
    "type": "external_account_authorized_user",
    "audience": "//iam.googleapis.com/locations/global/workforcePools/p/providers/q",
    "client_id": "c",
    "client_secret": "s",
    "refresh_token": "r",
    "token_url": "https://sts.googleapis.com/v1/oauthtoken",
}


def test_who_acts_as_a_service_account(environ: Mapping[str, str], tmp_path: Path) -> None:
    """The person signed in to do so: it is their sign-in that ends."""
    path = tmp_path / "acting.json"
    body = {"type": "impersonated_service_account", "service_account_impersonation_url": URL}
    path.write_text(json.dumps({**body, "source_credentials": USER.to_json()}))
    sender = Sender(GONE)
    done = revoke(path, environ=environ, transport=sender)
    assert (done.at_server, done.deleted) == (True, True)
    assert b"1%2F%2F0x" in sender.requests[0].body
    assert grants.recall(environ, "1//0x") is None
    path.write_text(json.dumps({**body, "source_credentials": KEY.to_json()}))
    with pytest.raises(UsageError, match="service_account"):
        revoke(path, environ=environ, transport=Sender())
    assert path.exists()


@pytest.mark.parametrize("local", [False, True])
def test_what_acts_with_it_goes_too(environ: Mapping[str, str], *, local: bool) -> None:
    """A profile that acts as a service account has the refresh token too, one level down."""
    body = {"type": "impersonated_service_account", "service_account_impersonation_url": URL}
    acting = store.place(environ, "acting")
    whole = {**body, "source_credentials": USER.to_json()}
    files.write_private(acting, json.dumps(whole).encode())
    other = replace(USER, refresh_token="1//0other")
    spared = store.place(environ, "spared")
    whole = {**body, "source_credentials": other.to_json()}
    files.write_private(spared, json.dumps(whole).encode())
    place = tokens.entry(environ, acting.read_bytes(), (), "", "as robot@x.example")
    assert place is not None
    tokens.store(place, AccessToken("ya29.c.x", 5e9))
    done = revoke(environ=environ, local=local, transport=Sender(*([] if local else [GONE])))
    assert done.problem is None
    assert {*done.files} == {str(adc.well_known(environ)), str(acting)}
    assert done.with_it == (() if local else ("spared",))
    kept = [path for path in Path(environ["HOME"]).rglob("*") if path.is_file()]
    assert not [path for path in kept if b"1//0x" in path.read_bytes()]
    assert not Path(place).exists()
    assert spared.exists()


def test_another_state_of_an_outsiders_sign_in(environ: Mapping[str, str], tmp_path: Path) -> None:
    """The refresh token is what tells one from another, whatever else the file says."""
    path, profile = tmp_path / "outsider.json", store.place(environ, "outsider")
    path.write_text(json.dumps(OUTSIDER))
    files.write_private(profile, json.dumps({**OUTSIDER, "quota_project_id": "p"}).encode())
    done = revoke(path, local=True, environ=environ, transport=Sender())
    assert {*done.files} == {str(path), str(profile)}


def test_the_same_secrets_in_a_keyring(
    environ: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its entry goes before the file that points there; where it cannot go, that is told."""
    pointer = keyring.Pointer.to(USER, "keyring.backends.macOS.Keyring")
    path, asked = store.place(environ, "kept"), []
    files.write_private(path, adc.form(pointer.to_json()))

    def locked(*entry: object) -> bool:
        asked.append(entry)
        raise keyring.KeyringError("It is locked.")

    monkeypatch.setattr(keyring, "delete", locked)
    done = revoke(local=True, environ=environ, transport=Sender())
    assert done.files == (str(adc.well_known(environ)),)
    assert asked == [(pointer,)]
    assert isinstance(done.problem, keyring.KeyringError)
    assert path.exists()
    monkeypatch.setattr(keyring, "delete", lambda _pointer: True)
    put(environ, USER, "")
    done = revoke(local=True, environ=environ, transport=Sender())
    assert {*done.files} == {str(adc.well_known(environ)), str(path)}


def test_a_person_of_another_provider(environ: Mapping[str, str], tmp_path: Path) -> None:
    """No server is documented to end such a sign-in: it is deleted here, and that is said."""
    path = tmp_path / "outsider.json"
    path.write_text(json.dumps(OUTSIDER))
    done = revoke(path, environ=environ, transport=Sender())
    assert (done.at_server, done.deleted, done.problem) == (None, True, None)


def test_a_keys_cached_tokens_go(environ: Mapping[str, str], tmp_path: Path) -> None:
    """They are secrets that gemauth made; the key's file is not."""
    path = tmp_path / "key.json"
    path.write_text(json.dumps(KEY.to_json()))
    place = tokens.entry(environ, path.read_bytes(), ("s",), "")
    assert place is not None
    tokens.store(place, AccessToken("ya29.c.x", 5e9))
    with pytest.raises(UsageError, match="Its cached access tokens are deleted"):
        revoke(path, environ=environ, transport=Sender())
    assert path.exists()
    assert not Path(place).exists()


def test_a_keyring(environ: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the keyring has lost the sign-in nobody can revoke it, and the pointer goes; where it
    cannot be asked, the pointer stays, since the secrets may be there.
    """
    user = replace(USER, refresh_token="1//0keyring")
    pointer = keyring.Pointer.to(user, "keyring.backends.macOS.Keyring")
    path = store.place(environ, "locked")
    raw = adc.form(pointer.to_json())

    def locked(*_: object, **__: object) -> bool:
        raise keyring.KeyringError("It is locked.")

    monkeypatch.setattr(keyring, "read", locked)
    for delete, deleted in ((locked, False), (lambda *_, **__: False, True)):
        files.write_private(path, raw)
        monkeypatch.setattr(keyring, "delete", delete)
        done = revoke(profile="locked", environ=environ, transport=Sender())
        assert (done.at_server, done.deleted) == (False, deleted)
        assert isinstance(done.problem, keyring.KeyringError)
    files.write_private(path, raw)
    monkeypatch.setattr(keyring, "read", lambda *_, **__: user)
    done = revoke(profile="locked", environ=environ, transport=Sender(GONE))
    assert (done.at_server, done.deleted, done.problem) == (True, True, None)
