from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import keyring as package
import pytest

from gemauth.client.cache import adc, grants
from gemauth.client.cache.keyring import KeyringError
from gemauth.client.login.destination import Destination
from gemauth.client.profiles import copies, ending, store, using
from gemauth.client.sources import chain
from gemauth.errors import UsageError
from gemauth.google import scopes
from tests.client.cache import keyrings
from tests.client.flows.test_sign_in import id_token
from tests.client.login.test_one_step import EMULATED, GRANTED, Desk
from tests.client.profiles.people import BOB, profile, put
from tests.client.transcript import EMULATED_CLIENT, EMULATOR, tokens

if TYPE_CHECKING:
    from pathlib import Path

AGAIN = tokens(refresh_token="1//0again", scope=scopes.CLOUD_PLATFORM, id_token=id_token())


@pytest.fixture
def desk(home: Path) -> Desk:
    """A person with a client file."""
    return Desk(home)


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> keyrings.Memory:
    """A keyring that works."""
    return chosen(keyrings.Memory(), monkeypatch)


def chosen(backend: keyrings.Memory, monkeypatch: pytest.MonkeyPatch) -> keyrings.Memory:
    """Make it the only keyring of this process."""
    monkeypatch.setattr(package.core, "_keyring_backend", backend)
    monkeypatch.setattr(package.backend, "get_all_keyring", lambda: [backend])
    return backend


def pointed(desk: Desk, name: str) -> dict[str, Any]:
    """What a profile's file says."""
    body: dict[str, Any] = json.loads(store.place(desk.environ, name).read_bytes())
    return body


class TestProfile:
    def test_the_first_one(self, desk: Desk) -> None:
        """It is put in use; the second is not, and each is what was granted for it."""
        first = desk.login(GRANTED, profile="work")
        assert (first.profile, first.in_use, first.store) == ("work", True, "file")
        assert first.path == str(store.place(desk.environ, "work"))
        second = desk.login(AGAIN, profile="home")
        assert (second.profile, second.in_use) == ("home", False)
        assert chain.default(environ=desk.environ).credentials.scopes == first.granted
        found = chain.default(profile="home", environ=desk.environ)
        assert found.credentials.scopes == (scopes.CLOUD_PLATFORM,)

    def test_the_variable(self, desk: Desk) -> None:
        """GEMAUTH_PROFILE chooses it as everywhere; --output and --profile go before it."""
        desk.environ["GEMAUTH_PROFILE"] = "work"
        assert desk.login(GRANTED).profile == "work"
        assert desk.login(GRANTED, profile="home").profile == "home"
        mine = desk.login(AGAIN, output=desk.client_file.with_name("mine.json"))
        assert (mine.profile, mine.in_use) == (None, False)

    def test_not_both(self, desk: Desk) -> None:
        """A place is a profile or a file."""
        with pytest.raises(UsageError, match="not in both"):
            desk.login(GRANTED, profile="work", output="mine.json")

    def test_a_name_that_is_none(self, desk: Desk) -> None:
        """It is told before anybody is asked."""
        with pytest.raises(UsageError, match="profile's name"):
            desk.login(GRANTED, profile="../work")
        assert desk.shown == []

    def test_in_the_adc_place_again(self, desk: Desk) -> None:
        """The same account renews the profile in use."""
        desk.login(GRANTED, profile="work")
        again = desk.login(AGAIN)
        assert (again.profile, again.in_use) == (None, True)
        used = copies.in_use(desk.environ)
        assert used is not None
        assert (used.profile, used.state) == ("work", "same")

    def test_an_emulators(self, home: Path) -> None:
        """It is kept beside Google's, and never put in use by itself."""
        desk = Desk(home, EMULATED_CLIENT)
        kept = desk.login(EMULATED, profile="local", emulator=EMULATOR.gemini)
        assert (kept.profile, kept.in_use) == ("local", False)
        assert not adc.well_known(desk.environ).exists()
        profile(desk.environ, "work", BOB)
        with pytest.raises(UsageError, match="a sign-in at Google"):
            desk.login(EMULATED, profile="work", emulator=EMULATOR.gemini)


class TestKeyring:
    def test_a_sign_in(self, desk: Desk, backend: keyrings.Memory) -> None:
        """The secrets are in the keyring, and nowhere below the home."""
        kept = desk.login(GRANTED, profile="safe", in_keyring=True)
        assert kept.store == "tests.client.cache.keyrings.Memory"
        assert not kept.in_use
        assert pointed(desk, "safe")["type"] == "gemauth_keyring"
        assert len(backend.kept) == 1
        home = desk.client_file.parent
        desk.client_file.unlink()
        for file in (path for path in home.rglob("*") if path.is_file()):
            for secret in (b"1//0real", b"GOCSPX"):
                assert secret not in file.read_bytes(), file
        found = chain.default(profile="safe", environ=desk.environ).credentials
        assert (found.account, found.scopes) == ("ada@example.com", kept.granted)
        assert found.path is None
        assert found.refresh_until == kept.refresh_until

    def test_again(self, desk: Desk, backend: keyrings.Memory) -> None:
        """It stays in the keyring without being asked to, and the old entry goes."""
        desk.login(GRANTED, profile="safe", in_keyring=True)
        before = pointed(desk, "safe")["entry"]
        again = desk.login(AGAIN, profile="safe")
        assert again.store != "file"
        ((_, entry),) = backend.kept
        assert entry == pointed(desk, "safe")["entry"] != before

    def test_back_into_a_file(self, desk: Desk, backend: keyrings.Memory) -> None:
        """By choice: then the keyring has nothing any more."""
        desk.login(GRANTED, profile="safe", in_keyring=True)
        assert desk.login(AGAIN, profile="safe", in_keyring=False).store == "file"
        assert backend.kept == {}
        assert pointed(desk, "safe")["refresh_token"] == "1//0again"

    @pytest.mark.parametrize(
        "backend",
        [keyrings.Forgetful(), keyrings.Empty(), keyrings.Locked(), keyrings.Plain()],
        ids=lambda backend: type(backend).__name__,
    )
    def test_one_that_does_not_work(
        self, desk: Desk, backend: keyrings.Memory, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It is told before the browser opens; no file is made in its stead."""
        chosen(backend, monkeypatch)
        with pytest.raises((KeyringError, UsageError)):
            desk.login(GRANTED, profile="safe", in_keyring=True)
        assert desk.shown == []
        assert store.names(desk.environ) == []
        assert not adc.well_known(desk.environ).exists()

    @pytest.mark.parametrize("output", [None, "mine.json"])
    def test_only_a_profile(self, desk: Desk, backend: keyrings.Memory, output: str | None) -> None:
        """Other libraries cannot read a keyring: no ADC file points there."""
        with pytest.raises(UsageError, match="is a profile"):
            desk.login(GRANTED, output=output, in_keyring=True)

    def test_not_the_one_in_use(self, desk: Desk, backend: keyrings.Memory) -> None:
        """What every library reads does not vanish from them."""
        desk.login(GRANTED, profile="work")
        with pytest.raises(UsageError, match="is in use as"):
            desk.login(GRANTED, profile="work", in_keyring=True)

    def test_it_is_changed_and_forgotten(self, desk: Desk, backend: keyrings.Memory) -> None:
        """A quota project is the pointer's, other secrets a new entry; at the end none is left."""
        desk.login(GRANTED, profile="safe", in_keyring=True)
        path = store.place(desk.environ, "safe")
        file = adc.read(path)
        body = {**json.loads(file.raw), "quota_project_id": "billed"}
        using.rewrite(desk.environ, file, adc.form(body))
        changed = adc.read(path)
        found = chain.default(profile="safe", environ=desk.environ).credentials
        assert found.quota_project == "billed"
        more = using.change(desk.environ, changed, BOB)
        assert adc.read(path).credentials == more.credentials == BOB
        assert len(backend.kept) == 1
        grants.remember(desk.environ, BOB.refresh_token, grants.Grant(("a",)))
        assert ending.forget(desk.environ, path) == ((path,), None)
        assert backend.kept == {}
        assert grants.recall(desk.environ, BOB.refresh_token) is None

    def test_a_keyring_that_cannot_be_asked_keeps_its_pointer(
        self, desk: Desk, backend: keyrings.Memory, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Nothing would lead to the secrets any more."""
        desk.login(GRANTED, profile="safe", in_keyring=True)
        chosen(keyrings.Sticky(), monkeypatch)
        path = store.place(desk.environ, "safe")
        gone, problem = ending.forget(desk.environ, path)
        assert gone == ()
        assert isinstance(problem, KeyringError)
        assert "not to be had" in str(problem)
        assert path.exists()

    def test_a_file_that_cannot_be_written(
        self, desk: Desk, backend: keyrings.Memory, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """No entry stays that nothing points to."""

        def full(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(using.files, "write_private", full)  # type: ignore[attr-defined]
        with pytest.raises(KeyboardInterrupt):
            desk.login(GRANTED, profile="safe", in_keyring=True)
        assert backend.kept == {}

    def test_a_pointer_in_the_adc_place(self, desk: Desk, backend: keyrings.Memory) -> None:
        """Somebody's copy is a sign-in like any other for gemauth."""
        desk.login(GRANTED, profile="safe", in_keyring=True)
        put(adc.well_known(desk.environ), store.held(desk.environ, "safe"))
        found = chain.default(environ=desk.environ).credentials
        assert found.account == "ada@example.com"


def test_plain_values() -> None:
    """A sign-in in two steps writes them down in between."""
    there = Destination("/x.json", replace=True, in_keyring=True)
    assert (there.path, there.replace, there.in_keyring) == ("/x.json", True, True)
