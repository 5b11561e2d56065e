from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from gemauth.client.cache import adc, grants
from gemauth.client.cache.keyring import KeyringError, Pointer
from gemauth.client.profiles import store, upkeep, using
from gemauth.errors import DataError, NotFoundError, UsageError
from tests.client.cache import keyrings
from tests.client.flows.test_assertion import KEY
from tests.client.profiles.people import ADA, BOB, profile, put, used
from tests.client.profiles.test_using import state, well_known


class TestSave:
    def test_what_another_program_wrote(self, environ: dict[str, str]) -> None:
        """A sign-in by gcloud becomes a profile, byte for byte and private, and is in use."""
        raw = put(well_known(environ), ADA)
        path = upkeep.save(environ, "work")
        assert path.read_bytes() == raw
        assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
        assert state(environ) == ("work", "same")

    def test_another_file(self, environ: dict[str, str], tmp_path: Path) -> None:
        """A key becomes a profile; nothing is put in use."""
        raw = put(tmp_path / "key.json", KEY)
        assert upkeep.save(environ, "ci", tmp_path / "key.json").read_bytes() == raw
        assert state(environ) is None

    def test_a_change_by_another_program(self, environ: dict[str, str]) -> None:
        """The profile of the same sign-in takes it over without being asked."""
        using.keep(environ, store.place(environ, "ada"), ADA)
        changed = put(well_known(environ), replace(ADA, quota_project_id="billed"))
        upkeep.save(environ, "ada")
        assert store.held(environ, "ada") == changed
        assert state(environ) == ("ada", "same")

    def test_a_taken_name(self, environ: dict[str, str]) -> None:
        """Another's profile stays unless --replace is given; what was in use is not `behind`."""
        using.keep(environ, store.place(environ, "work"), ADA)
        bob = put(Path(environ["HOME"], "bob.json"), BOB)
        with pytest.raises(UsageError, match="of another sign-in"):
            upkeep.save(environ, "work", Path(environ["HOME"], "bob.json"))
        upkeep.save(environ, "work", Path(environ["HOME"], "bob.json"), replace=True)
        assert store.held(environ, "work") == bob
        assert state(environ) == (None, "unsaved")
        with pytest.raises(UsageError, match="in no profile"):
            using.use(environ, "work")

    def test_what_cannot_be_saved(self, environ: dict[str, str]) -> None:
        """Nothing, no credentials, a name that is none: the error says so, and no file is made."""
        with pytest.raises(NotFoundError, match="no credential file"):
            upkeep.save(environ, "work")
        put(well_known(environ), b"{")
        with pytest.raises(DataError, match="no JSON"):
            upkeep.save(environ, "work")
        with pytest.raises(UsageError, match="profile's name"):
            upkeep.save(environ, "../work")
        assert store.names(environ) == []

    def test_a_file_that_points_into_a_keyring(self, environ: dict[str, str]) -> None:
        """Two profiles of one entry would not survive each other."""
        profile(environ, "safe", adc.form(Pointer.to(ADA, "no.such.Backend").to_json()))
        with pytest.raises(UsageError, match="is a profile already"):
            upkeep.save(environ, "copy", store.place(environ, "safe"))
        upkeep.rename(environ, "safe", "vault")
        assert store.names(environ) == ["vault"]

    @pytest.mark.skipif(
        not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root writes everywhere"
    )
    def test_a_read_only_home(self, environ: dict[str, str]) -> None:
        """It is told, and nothing changed."""
        put(well_known(environ), ADA)
        folder = Path(environ["HOME"], ".config")
        folder.chmod(0o500)
        try:
            with pytest.raises(DataError, match="cannot be written"):
                upkeep.save(environ, "work")
        finally:
            folder.chmod(0o700)


class TestRename:
    def test_it_stays_in_use(self, environ: dict[str, str]) -> None:
        """Also as an earlier state, which only the note knows."""
        using.keep(environ, store.place(environ, "ada"), ADA)
        assert upkeep.rename(environ, "ada", "work") == store.place(environ, "work")
        assert (store.names(environ), state(environ)) == (["work"], ("work", "same"))
        profile(environ, "work", BOB)
        assert state(environ) == ("work", "behind")

    def test_names_that_are_taken_or_none(self, environ: dict[str, str]) -> None:
        """Nothing is overwritten."""
        profile(environ, "ada", ADA)
        profile(environ, "bob", BOB)
        with pytest.raises(UsageError, match="already"):
            upkeep.rename(environ, "ada", "bob")
        with pytest.raises(UsageError, match="already"):
            upkeep.rename(environ, "ada", "ada")
        with pytest.raises(UsageError, match="profile's name"):
            upkeep.rename(environ, "ada", "a/b")
        with pytest.raises(NotFoundError):
            upkeep.rename(environ, "eve", "mallory")
        assert store.names(environ) == ["ada", "bob"]


class TestDelete:
    def test_one_that_is_not_in_use(self, environ: dict[str, str]) -> None:
        """It is gone, with what is known of its grant, and what a killed writer left of it."""
        profile(environ, "ada", ADA)
        own = store.place(environ, "ada")
        own.with_name(f".{own.name}.{'0' * 16}").write_bytes(own.read_bytes())
        grants.remember(environ, ADA.refresh_token, grants.Grant(("a",)))
        assert upkeep.delete(environ, "ada") is False
        assert [*own.parent.iterdir()] == []
        assert grants.recall(environ, ADA.refresh_token) is None
        with pytest.raises(NotFoundError):
            upkeep.delete(environ, "ada")

    def test_the_one_in_use(self, environ: dict[str, str]) -> None:
        """The ADC file stays, is in no profile, and keeps what is known of it."""
        using.keep(environ, store.place(environ, "ada"), ADA)
        grants.remember(environ, ADA.refresh_token, grants.Grant(("a",)))
        assert upkeep.delete(environ, "ada") is True
        assert state(environ) == (None, "unsaved")
        assert grants.recall(environ, ADA.refresh_token) is not None
        assert adc.read(well_known(environ)).raw == used(environ)

    def test_one_in_a_keyring(
        self, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Its entry goes first; where the keyring cannot be asked the profile is kept."""
        backend = keyrings.Memory()
        monkeypatch.setattr("keyring.core._keyring_backend", backend)
        monkeypatch.setattr("keyring.backend.get_all_keyring", lambda: [backend])
        using.keep(environ, store.place(environ, "safe"), ADA, in_keyring=True)
        monkeypatch.setattr("keyring.core._keyring_backend", keyrings.Sticky())
        monkeypatch.setattr("keyring.backend.get_all_keyring", list)
        with pytest.raises(KeyringError, match="not to be had"):
            upkeep.delete(environ, "safe")
        assert store.names(environ) == ["safe"]
        assert len(backend.kept) == 1
        monkeypatch.setattr("keyring.core._keyring_backend", backend)
        assert upkeep.delete(environ, "safe") is False
        assert (store.names(environ), backend.kept) == ([], {})

    def test_a_corrupt_one(self, environ: dict[str, str]) -> None:
        """By name it goes as any other."""
        profile(environ, "odd", b"{")
        assert upkeep.delete(environ, "odd") is False
        assert store.names(environ) == []
