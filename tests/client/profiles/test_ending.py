from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gemauth.client.cache import files, grants, tokens
from gemauth.client.profiles import ending, store, using
from gemauth.client.token import AccessToken
from gemauth.errors import DataError
from tests.client.cache.others import OTHERS, at_once, lay, unless_windows
from tests.client.flows.test_assertion import KEY
from tests.client.profiles.people import ADA, BOB, put, used
from tests.client.profiles.test_using import state, well_known

if TYPE_CHECKING:
    from pathlib import Path


class TestForget:
    def test_every_copy_and_what_is_known(self, environ: dict[str, str]) -> None:
        """Its file, the ADC file, its tokens and its grant; another's stay."""
        using.keep(environ, store.place(environ, "ada"), ADA)
        using.keep(environ, store.place(environ, "bob"), BOB)
        grants.remember(environ, ADA.refresh_token, grants.Grant(("a",)))
        place = tokens.entry(environ, used(environ), (), "")
        assert place is not None
        tokens.store(place, AccessToken("ya29.x", time.time() + 3600))
        own = store.place(environ, "ada")
        assert set(ending.forget(environ, well_known(environ))[0]) == {own, well_known(environ)}
        assert store.names(environ) == ["bob"]
        assert tokens.lookup(place) is None
        assert grants.recall(environ, ADA.refresh_token) is None
        assert ending.forget(environ, own) == ((), None)

    def test_an_earlier_state_of_the_same_sign_in(self, environ: dict[str, str]) -> None:
        """What gcloud has changed since is the same grant, and gone with it."""
        using.keep(environ, store.place(environ, "ada"), ADA)
        put(well_known(environ), replace(ADA, quota_project_id="billed"))
        assert len(ending.forget(environ, store.place(environ, "ada"))[0]) == 2
        assert state(environ) is None

    def test_another_sign_in_stays(self, environ: dict[str, str]) -> None:
        """Of a key and of a file elsewhere, only they go."""
        using.keep(environ, store.place(environ, "ada"), ADA)
        own = store.place(environ, "key")
        put(own, KEY)
        assert ending.forget(environ, own) == ((own,), None)
        assert state(environ) == ("ada", "same")

    @unless_windows
    @pytest.mark.parametrize("kind", OTHERS)
    def test_what_is_no_file_keeps_nothing(self, environ: dict[str, str], kind: str) -> None:
        """It holds no sign-in: it stays, and the end of another one is whole without it."""
        own = store.place(environ, "ada")
        using.keep(environ, own, ADA)
        lay(kind, store.place(environ, "aaa"))
        with at_once():
            assert set(ending.forget(environ, own)[0]) == {own, well_known(environ)}
        assert store.names(environ) == ["aaa"]

    @unless_windows
    def test_links_among_the_profiles(self, environ: dict[str, str], tmp_path: Path) -> None:
        """What a link leads to holds the secrets, and goes too; one that leads nowhere has none."""
        own = store.place(environ, "ada")
        using.keep(environ, own, ADA)
        put(tmp_path / "elsewhere.json", ADA)
        alias, linked = store.place(environ, "alias"), store.place(environ, "linked")
        alias.symlink_to("ada.json")
        linked.symlink_to(tmp_path / "elsewhere.json")
        store.place(environ, "loop").symlink_to("loop.json")
        store.place(environ, "dangling").symlink_to("/nowhere")
        gone, problem = ending.forget(environ, own)
        assert problem is None
        assert {*gone} == {own, alias, linked, tmp_path / "elsewhere.json", well_known(environ)}
        assert not [path for path in tmp_path.rglob("*.json") if path.exists()]

    def test_a_file_that_cannot_be_deleted(
        self, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It is told, after the others are gone."""
        using.keep(environ, store.place(environ, "ada"), ADA)
        delete = files.delete

        def refuse(path: Path) -> bool:
            if path == well_known(environ):
                raise DataError("read-only")
            return delete(path)

        monkeypatch.setattr(files, "delete", refuse)
        gone, problem = ending.forget(environ, well_known(environ))
        assert gone == (store.place(environ, "ada"),)
        assert "read-only" in str(problem)
        assert store.names(environ) == []
