from __future__ import annotations

import pytest

from gemauth.emulator.authserver import consent, sign_in
from gemauth.emulator.authserver.blocked import Blocked, Reason
from gemauth.emulator.authserver.sign_in import Page
from gemauth.emulator.storage.records import Account, ConsentScreen, Grant, TestUser
from gemauth.google.scopes import TUNING
from gemauth.oauth.authorization import AuthorizationResponse
from tests.emulator.authserver.room import DESKTOP, Room


def _first(room: Room, *signed_in: Account, **changes: str | None) -> object:
    """Who needs no choosing: an account, None, or the error's name."""
    wanted, subs = room.asked(**changes), [account.sub for account in signed_in]
    with room.context.store.read() as tx:
        found = sign_in.first_account(tx, wanted, subs)
    return found.error if isinstance(found, AuthorizationResponse) else found


def _granted(room: Room, account: Account) -> None:
    room.add(Grant(f"g{account.sub}", account.sub, DESKTOP, (TUNING,), 0, None))


class TestFirstAccount:
    def test_nobody_signed_in_chooses(self, room: Room) -> None:
        """Without a session there is the chooser, whatever the hint."""
        assert _first(room) is None
        assert _first(room, login_hint="ada@example.com") is None

    def test_a_hint_names_who_is_signed_in(self, room: Room) -> None:
        """login_hint, as e-mail or sub, spares the choice among those signed in."""
        assert _first(room, room.bob, room.ada, login_hint="ADA@example.com") == room.ada
        assert _first(room, room.bob, room.ada, login_hint=room.ada.sub) == room.ada

    @pytest.mark.parametrize("hint", ["bob@example.org", "nobody@example.com", "123"])
    def test_a_hint_of_somebody_else_chooses(self, room: Room, hint: str) -> None:
        """A hint that is not signed in is never replaced by who is."""
        _granted(room, room.ada)
        assert _first(room, room.ada, login_hint=hint, scope=TUNING) is None

    def test_the_only_account_goes_straight_back_if_nothing_is_left_to_ask(
        self, room: Room
    ) -> None:
        """A repeat grant redirects at once (section 1.4)."""
        assert _first(room, room.ada, scope=TUNING) is None
        _granted(room, room.ada)
        assert _first(room, room.ada, scope=TUNING) == room.ada

    def test_several_accounts_choose(self, room: Room) -> None:
        """With two people signed in, the emulator does not guess."""
        _granted(room, room.ada)
        assert _first(room, room.ada, room.bob, scope=TUNING) is None

    def test_select_account_always_chooses(self, room: Room) -> None:
        """prompt=select_account shows the chooser even for a hint that is signed in."""
        _granted(room, room.ada)
        changes = {"prompt": "select_account", "login_hint": room.ada.sub, "scope": TUNING}
        assert _first(room, room.ada, **changes) is None

    def test_prompt_none(self, room: Room) -> None:
        """prompt=none never chooses: it takes who is clear, or answers with an error."""
        none = {"prompt": "none"}
        assert _first(room, **none) == "login_required"
        assert _first(room, room.ada, **none) == room.ada
        assert _first(room, room.ada, room.bob, **none) == "interaction_required"
        assert _first(room, room.ada, room.bob, **none, login_hint=room.bob.sub) == room.bob
        assert _first(room, room.ada, **none, login_hint="bob@example.org") == "login_required"

    def test_an_account_that_is_gone_is_not_signed_in(self, room: Room) -> None:
        """Deleting an account signs it out of every browser."""
        room.remove(Account, room.ada.sub)
        assert _first(room, room.ada, prompt="none") == "login_required"


class TestCandidates:
    def _emails(self, room: Room, *signed_in: Account, **changes: str | None) -> list[str]:
        wanted, subs = room.asked(**changes), [account.sub for account in signed_in]
        with room.context.store.read() as tx:
            found = sign_in.candidates(tx, wanted, subs)
        return [one.account.email for one in found]

    def test_everybody_is_offered(self, room: Room) -> None:
        """All accounts are listed: there is no password that would keep one out."""
        assert self._emails(room) == ["ada@example.com", "bob@example.org"]

    def test_who_is_signed_in_comes_first(self, room: Room) -> None:
        """The browser's own people come first."""
        assert self._emails(room, room.bob) == ["bob@example.org", "ada@example.com"]

    def test_who_is_hinted_comes_before(self, room: Room) -> None:
        """login_hint preselects the account (section 1.1)."""
        found = self._emails(room, room.ada, login_hint="bob@example.org")
        assert found == ["bob@example.org", "ada@example.com"]

    @pytest.mark.parametrize(
        ("hd", "expected"),
        [
            ("example.org", ["bob@example.org"]),
            ("*", ["bob@example.org"]),
            ("example.com", []),
        ],
    )
    def test_hd_narrows(self, room: Room, hd: str, expected: list[str]) -> None:
        """Hd lists a Workspace domain's accounts; ada's domain is no Workspace."""
        assert self._emails(room, hd=hd) == expected


class TestNextStep:
    def _step(
        self, room: Room, account: Account, *, warned: bool = False, **changes: str | None
    ) -> Page | Blocked | AuthorizationResponse:
        wanted = room.asked(**changes)
        with room.context.store.write() as tx:
            now = room.clock.now()
            return sign_in.next_step(tx, now, room.entropy, wanted, account, warned=warned)

    def test_warning_then_consent(self, room: Room) -> None:
        """The unverified-app page comes once, then consent (section 1.4)."""
        assert self._step(room, room.ada) is Page.WARNING
        assert self._step(room, room.ada, warned=True) is Page.CONSENT

    def test_no_tester_is_blocked_with_the_command_that_helps(self, room: Room) -> None:
        """403 access_denied names the app, the account and `test-users add`."""
        stop = self._step(room, room.bob)
        assert isinstance(stop, Blocked)
        assert stop.reason is Reason.NOT_A_TESTER
        assert (stop.reason.status, stop.reason.error) == (403, "access_denied")
        assert (stop.app, stop.account) == ("Gem Notes", "bob@example.org")
        assert stop.next_step == "gemauth emulator test-users add demo bob@example.org"

    def test_a_grant_does_not_outlive_the_list_of_testers(self, room: Room) -> None:
        """A removed tester is refused even where nothing would be asked."""
        _granted(room, room.ada)
        room.remove(TestUser, "demo", "ada@example.com")
        assert isinstance(self._step(room, room.ada, scope=TUNING), Blocked)

    def test_outside_the_organization(self, room: Room) -> None:
        """403 org_internal for an account outside of an Internal app's organization."""
        room.change(ConsentScreen, "demo", user_type="internal")
        stop = self._step(room, room.ada)
        assert isinstance(stop, Blocked)
        assert (stop.reason.status, stop.reason.error) == (403, "org_internal")
        assert "example.org" in stop.detail

    def test_prompt_none_needs_consent(self, room: Room) -> None:
        """prompt=none with something to ask answers consent_required, without a page."""
        step = self._step(room, room.ada, prompt="none")
        assert step == consent.refusal(room.asked(), "consent_required")

    def test_nothing_to_ask(self, room: Room) -> None:
        """A repeat grant is answered with a code at once."""
        _granted(room, room.ada)
        step = self._step(room, room.ada, scope=TUNING, prompt="none")
        assert isinstance(step, AuthorizationResponse)
        assert step.code is not None
