from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from gemauth.client.cache import adc, grants, tokens
from gemauth.client.profiles import copies, store, using
from gemauth.client.token import AccessToken
from gemauth.errors import DataError, NotFoundError, UsageError
from tests.client.flows.test_assertion import KEY
from tests.client.profiles.people import ADA, AGAIN, BOB, EMULATED, profile, put, used


def state(environ: dict[str, str]) -> tuple[str | None, str] | None:
    """Which profile is in use, and how."""
    found = copies.in_use(environ)
    return None if found is None else (found.profile, found.state)


def well_known(environ: dict[str, str]) -> Path:
    """The ADC file."""
    return adc.well_known(environ)


class TestUse:
    def test_the_one_in_use_is_the_adc_file(self, environ: dict[str, str]) -> None:
        """Byte for byte, for its owner only, and again for the next one."""
        ada, key = profile(environ, "ada", ADA), profile(environ, "key", KEY)
        assert state(environ) is None
        assert using.use(environ, "ada") is None
        assert (used(environ), state(environ)) == (ada, ("ada", "same"))
        before = using.use(environ, "key")
        assert before is not None
        assert before.profile == "ada"
        assert (used(environ), state(environ)) == (key, ("key", "same"))
        assert well_known(environ).stat().st_mode & 0o777 == 0o600
        assert not well_known(environ).is_symlink()
        assert store.place(environ, "ada").read_bytes() == ada

    def test_of_two_equal_profiles_the_chosen_one(self, environ: dict[str, str]) -> None:
        """Contents alone could not tell."""
        profile(environ, "a", ADA)
        profile(environ, "b", ADA)
        using.use(environ, "b")
        assert state(environ) == ("b", "same")

    @pytest.mark.parametrize("content", [BOB, KEY, b"{broken"])
    def test_what_is_in_no_profile_is_not_lost(
        self, environ: dict[str, str], content: object
    ) -> None:
        """Another program's sign-in, a key or a broken file stays, unless --replace is given."""
        ada = profile(environ, "ada", ADA)
        other = put(well_known(environ), content)
        assert state(environ) == (None, "unsaved")
        with pytest.raises(UsageError, match="in no profile") as caught:
            using.use(environ, "ada")
        assert "gemauth profiles save NAME" in (caught.value.next_step or "")
        assert used(environ) == other
        using.use(environ, "ada", replace=True)
        assert used(environ) == ada

    def test_a_login_of_gclouds_in_between(self, environ: dict[str, str]) -> None:
        """It is noticed by its content, and not overwritten, by the profile in use either."""
        profile(environ, "ada", ADA)
        using.use(environ, "ada")
        bob = put(well_known(environ), BOB)
        assert state(environ) == (None, "unsaved")
        with pytest.raises(UsageError, match="in no profile"):
            using.use(environ, "ada")
        assert used(environ) == bob

    def test_a_change_of_gclouds_in_between(self, environ: dict[str, str]) -> None:
        """The same sign-in with a quota project that gcloud has set: kept by saving it."""
        profile(environ, "ada", ADA)
        profile(environ, "bob", BOB)
        using.use(environ, "ada")
        put(well_known(environ), replace(ADA, quota_project_id="billed"))
        assert state(environ) == ("ada", "changed")
        with pytest.raises(UsageError, match="has changed") as caught:
            using.use(environ, "bob")
        assert "gemauth profiles save ada" in (caught.value.next_step or "")

    def test_an_emulators_never_displaces_googles(self, environ: dict[str, str]) -> None:
        """Other programs would lose theirs (decision 0005); an empty place may be taken."""
        local, ada = profile(environ, "local", EMULATED), profile(environ, "ada", ADA)
        using.use(environ, "local")
        assert used(environ) == local
        using.use(environ, "ada")
        with pytest.raises(UsageError, match="is an emulator's"):
            using.use(environ, "local")
        assert used(environ) == ada

    def test_a_corrupt_profile(self, environ: dict[str, str]) -> None:
        """It is told, and what is in use stays."""
        ada = profile(environ, "ada", ADA)
        using.use(environ, "ada")
        profile(environ, "odd", b"{")
        with pytest.raises(DataError, match=r"odd\.json is no JSON"):
            using.use(environ, "odd")
        with pytest.raises(NotFoundError):
            using.use(environ, "none")
        assert used(environ) == ada

    def test_a_symbolic_link_is_not_written_through(
        self, environ: dict[str, str], tmp_path: Path
    ) -> None:
        """It may lead anywhere, a shared place too."""
        profile(environ, "ada", ADA)
        target = tmp_path / "target"
        put(target, BOB)
        well_known(environ).parent.mkdir(parents=True)
        well_known(environ).symlink_to(target)
        with pytest.raises(DataError, match="symbolic link"):
            using.use(environ, "ada", replace=True)
        assert json.loads(target.read_bytes())["refresh_token"] == BOB.refresh_token

    def test_where_no_note_can_be_kept(self, environ: dict[str, str]) -> None:
        """Contents tell as much, as long as they are equal."""
        ada = profile(environ, "ada", ADA)
        Path(environ["HOME"], ".config/gemauth/in-use").write_bytes(b"in the way")
        using.use(environ, "ada")
        assert (used(environ), state(environ)) == (ada, ("ada", "same"))
        store.place(environ, "ada").unlink()
        assert state(environ) == (None, "unsaved")

    @pytest.mark.parametrize("note", [b"", b"[]", b'{"profile": 1}', b"\xff"])
    def test_a_broken_note(self, environ: dict[str, str], note: bytes) -> None:
        """It counts for nothing, and is replaced."""
        profile(environ, "ada", ADA)
        using.use(environ, "ada")
        (file,) = Path(environ["HOME"], ".config/gemauth/in-use").iterdir()
        file.write_bytes(note)
        assert state(environ) == ("ada", "same")
        using.use(environ, "ada")
        assert json.loads(file.read_bytes())["profile"] == "ada"

    def test_each_place_has_its_own(self, environ: dict[str, str], tmp_path: Path) -> None:
        """CLOUDSDK_CONFIG leads to another ADC file, with another profile in use."""
        profile(environ, "ada", ADA)
        profile(environ, "bob", BOB)
        other = environ | {"CLOUDSDK_CONFIG": str(tmp_path)}
        using.use(environ, "ada")
        using.use(other, "bob")
        assert (state(environ), state(other)) == (("ada", "same"), ("bob", "same"))

    def test_tokens_of_what_gives_way(self, environ: dict[str, str]) -> None:
        """Those of a sign-in that is in no profile go with it; a profile's stay."""
        places = []
        for user in (BOB, ADA):
            raw = put(well_known(environ), user)
            place = tokens.entry(environ, raw, (), "")
            assert place is not None
            tokens.store(place, AccessToken("ya29.x", time.time() + 3600))
            places.append(place)
        profile(environ, "ada", ADA)
        profile(environ, "eve", AGAIN)
        using.use(environ, "eve")
        assert tokens.lookup(places[1]) is not None
        put(well_known(environ), BOB)
        using.use(environ, "ada", replace=True)
        assert [tokens.lookup(place) is None for place in places] == [True, False]


class TestKeep:
    @pytest.mark.parametrize("held", [False, True])
    def test_tokens_of_what_gives_way(self, environ: dict[str, str], *, held: bool) -> None:
        """They go with the sign-in that is replaced, as does what is known of it; unless a profile
        has it still.
        """
        raw = put(well_known(environ), ADA)
        place = tokens.entry(environ, raw, (), "")
        assert place is not None
        tokens.store(place, AccessToken("ya29.x", time.time() + 3600))
        if held:
            profile(environ, "ada", ADA)
        profile(environ, "broken", b"{")
        grants.remember(environ, ADA.refresh_token, grants.Grant(("a",)))
        using.keep(environ, well_known(environ), BOB)
        assert (tokens.lookup(place) is not None) is held
        assert (grants.recall(environ, ADA.refresh_token) is not None) is held

    def test_the_first_is_put_in_use(self, environ: dict[str, str]) -> None:
        """Where nothing can be lost; the second one is not."""
        using.keep(environ, store.place(environ, "ada"), ADA)
        using.keep(environ, store.place(environ, "bob"), BOB)
        assert state(environ) == ("ada", "same")
        assert store.names(environ) == ["ada", "bob"]

    def test_an_emulators_is_not(self, environ: dict[str, str]) -> None:
        """google-auth takes every saved sign-in to Google."""
        using.keep(environ, store.place(environ, "local"), EMULATED)
        assert state(environ) is None

    def test_the_profile_in_use_stays_so(self, environ: dict[str, str]) -> None:
        """Signing in to it again reaches the ADC file too."""
        using.keep(environ, store.place(environ, "ada"), ADA)
        file = using.keep(environ, store.place(environ, "ada"), AGAIN)
        assert (used(environ), state(environ)) == (file.raw, ("ada", "same"))

    def test_another_profile_leaves_it_alone(self, environ: dict[str, str]) -> None:
        """Another program's file in the ADC place too."""
        bob = put(well_known(environ), BOB)
        using.keep(environ, store.place(environ, "ada"), ADA)
        assert used(environ) == bob

    def test_the_same_account_in_the_adc_place(self, environ: dict[str, str]) -> None:
        """It renews the profile that is in use; another account does not touch it."""
        using.keep(environ, store.place(environ, "ada"), ADA)
        renewed = using.keep(environ, well_known(environ), AGAIN)
        assert store.held(environ, "ada") == renewed.raw
        using.keep(environ, well_known(environ), BOB)
        assert store.held(environ, "ada") == renewed.raw
        assert state(environ) == (None, "unsaved")

    def test_the_same_person_by_the_callers_word(self, environ: dict[str, str]) -> None:
        """More scopes for a sign-in whose account nobody knows."""
        nameless = replace(ADA, account="")
        using.keep(environ, store.place(environ, "x"), nameless)
        more = replace(AGAIN, account="")
        renewed = using.keep(environ, well_known(environ), more, same=True)
        assert store.held(environ, "x") == renewed.raw

    def test_elsewhere(self, environ: dict[str, str], tmp_path: Path) -> None:
        """--output is a file and nothing else."""
        using.keep(environ, tmp_path / "mine.json", ADA)
        assert (store.names(environ), state(environ)) == ([], None)

    @pytest.mark.parametrize(
        ("there", "new", "error"),
        [
            (ADA, BOB, None),
            (EMULATED, ADA, None),
            (EMULATED, EMULATED, None),
            (ADA, EMULATED, "a sign-in at Google"),
            (KEY, ADA, "service_account credentials"),
            (b"{", ADA, "no JSON"),
        ],
    )
    def test_what_a_sign_in_may_replace(
        self, environ: dict[str, str], there: object, new: object, error: str | None
    ) -> None:
        """As in the ADC place: what a sign-in does not bring back is kept."""
        path = store.place(environ, "x")
        put(path, there)
        emulated = new is EMULATED
        using.require_free(environ, path, emulated=emulated, replace=True)
        if error is None:
            using.require_free(environ, path, emulated=emulated, replace=False)
        else:
            with pytest.raises((UsageError, DataError), match=error):
                using.require_free(environ, path, emulated=emulated, replace=False)

    def test_the_adc_place(self, environ: dict[str, str]) -> None:
        """Its own rules hold for it (cache/adc.py)."""
        put(well_known(environ), KEY)
        with pytest.raises(UsageError, match="the key of"):
            using.require_free(environ, well_known(environ), emulated=False, replace=False)


class TestChange:
    @pytest.mark.parametrize("where", ["profile", "adc"])
    def test_both_copies_follow(self, environ: dict[str, str], where: str) -> None:
        """Whichever of the two is changed."""
        using.keep(environ, store.place(environ, "ada"), ADA)
        path = store.place(environ, "ada") if where == "profile" else well_known(environ)
        billed = replace(ADA, quota_project_id="billed")
        file = using.change(environ, adc.read(path), billed)
        assert (file.path, file.credentials) == (path, billed)
        assert file.raw == used(environ) == store.held(environ, "ada")
        assert state(environ) == ("ada", "same")

    def test_a_profile_that_is_not_in_use(self, environ: dict[str, str]) -> None:
        """It alone is changed; and so is an ADC file of no profile."""
        using.keep(environ, store.place(environ, "ada"), ADA)
        using.keep(environ, store.place(environ, "bob"), BOB)
        using.change(
            environ, adc.read(store.place(environ, "bob")), replace(BOB, quota_project_id="b")
        )
        assert state(environ) == ("ada", "same")
        put(well_known(environ), EMULATED)
        file = adc.read(well_known(environ))
        using.rewrite(environ, file, b"{}")
        assert used(environ) == b"{}"

    def test_changed_by_another_meanwhile(self, environ: dict[str, str]) -> None:
        """Then nothing is written: the other's change would be lost."""
        using.keep(environ, store.place(environ, "ada"), ADA)
        file = adc.read(well_known(environ))
        bob = put(well_known(environ), BOB)
        with pytest.raises(DataError, match="by another program meanwhile"):
            using.change(environ, file, replace(ADA, quota_project_id="billed"))
        assert used(environ) == bob

    def test_cut_short_between_the_two_files(
        self, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The ADC file is told to be an earlier state, and may be replaced."""
        using.keep(environ, store.place(environ, "ada"), ADA)
        earlier = used(environ)
        profile(environ, "bob", BOB)

        def killed(*_: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(copies, "copy", killed)
            with pytest.raises(KeyboardInterrupt):
                using.change(environ, adc.read(well_known(environ)), AGAIN)
        assert (used(environ), state(environ)) == (earlier, ("ada", "behind"))
        using.use(environ, "ada")
        assert state(environ) == ("ada", "same")
        assert used(environ) == store.held(environ, "ada") != earlier


SWITCH = """
import os, sys
from gemauth.client.profiles import copies, ending, store, using
print("ready", flush=True)
while True:
    for name in sys.argv[1:]:
        using.use(os.environ, name)
"""


@pytest.mark.processes
@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_killed_at_any_moment(environ: dict[str, str]) -> None:
    """Four processes switch at once and are killed: the file in use is always one whole profile."""
    contents = {profile(environ, name, who) for name, who in (("ada", ADA), ("bob", BOB))}
    using.use(environ, "ada")
    command = [sys.executable, "-c", SWITCH]
    for attempt in range(4):
        orders = (("ada", "bob"), ("bob", "ada")) * 2
        running = [
            subprocess.Popen([*command, *order], env={**os.environ, **environ}, text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            for order in orders
        ]  # fmt: skip
        for process in running:
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
        for _ in range(20):
            assert used(environ) in contents
            time.sleep(0.002 * attempt)
        for process in running:
            process.send_signal(signal.SIGKILL)
        for process in running:
            _, err = process.communicate()
            assert not err
        assert used(environ) in contents
        found = state(environ)
        assert found is not None
        assert found[1] == "same"
    using.use(environ, "bob")
    assert state(environ) == ("bob", "same")
