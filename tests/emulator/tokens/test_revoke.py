"""The life of grants as a machine: whatever happens, in any order, an ended grant stays ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
)

from gemauth.emulator.storage.records import Account, Grant, OAuthClient, RefreshToken, TestUser
from gemauth.emulator.tokens.revoke import end_grant
from gemauth.google.scopes import CLOUD_PLATFORM, EMAIL, TUNING
from tests.emulator.desk import CLIENT, OTHER_CLIENT, PERSON, SUB, Desk

ACCESS_LIFE = 3599
TESTING_LIFE = 604799


@dataclass(eq=False)
class Code:
    """What the machine knows of a code."""

    text: str
    client: str
    offline: bool
    made_at: float
    consent: Consent
    spent: bool = False


@dataclass(eq=False)
class Consent:
    """A person's consent to a client; `ended` never goes back."""

    client: str
    ended: bool = False
    access: list[tuple[str, float]] = field(default_factory=list)
    refresh: list[tuple[str, float]] = field(default_factory=list)


class GrantLife(RuleBasedStateMachine):
    """Codes, refreshes, replays, revocations and time, against a model of who may still do what."""

    codes = Bundle("codes")
    spent = Bundle("spent")

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk()
        self.consents: dict[str, Consent] = {}
        self.all: list[Consent] = []
        self.tester = True
        self.active = {CLIENT: True, OTHER_CLIENT: True}

    def teardown(self) -> None:
        """Let go of the store."""
        self.desk.context.store.close()

    def _living(self, client: str) -> Consent:
        consent = self.consents.get(client)
        if consent is None or consent.ended:
            consent = self.consents[client] = Consent(client)
            self.all.append(consent)
        return consent

    @rule(target=codes, client=st.sampled_from([CLIENT, OTHER_CLIENT]), offline=st.booleans())
    def consent(self, client: str, offline: bool) -> Code:  # noqa: FBT001  # hypothesis names it
        """A person consents."""
        living = self._living(client)
        text = self.desk.consent(
            client_id=client, offline=offline, scopes=(EMAIL, TUNING, CLOUD_PLATFORM)
        )
        return Code(text, client, offline, self.desk.clock.now(), living)

    @rule(target=spent, code=consumes(codes))
    def exchange(self, code: Code) -> Any:
        """The client exchanges a code, which works exactly once, in time, while all stands."""
        answered = self.desk.exchange(code.text, client_id=code.client)
        now = self.desk.clock.now()
        may = (
            not code.consent.ended
            and now < code.made_at + 600
            and self.tester
            and self.active[code.client]
        )
        assert (answered.status == 200) is may, answered
        if not may:
            return multiple()
        code.spent = True
        code.consent.access.append((answered.body["access_token"], now + ACCESS_LIFE))
        assert ("refresh_token" in answered.body) is code.offline
        if code.offline:
            code.consent.refresh.append((answered.body["refresh_token"], now + TESTING_LIFE))
        return code

    @rule(code=codes, secret=st.sampled_from(["", "wrong"]), uri=st.booleans())
    def exchange_badly(self, code: Code, secret: str, uri: bool) -> None:  # noqa: FBT001
        """A request that fails its checks gets nothing, and spends nothing."""
        wrong = {"redirect_uri": "http://127.0.0.1/x"} if uri else {"client_secret": secret}
        assert self.desk.exchange(code.text, client_id=code.client, **wrong).status in {400, 401}

    @rule(code=spent)
    def replay(self, code: Code) -> None:
        """A spent code never works again; sent by its own client it ends the consent."""
        answered = self.desk.exchange(code.text, client_id=code.client)
        assert answered.error == (400, "invalid_grant", "Bad Request")
        if self.active[code.client]:
            code.consent.ended = True

    @rule(code=spent)
    def replay_by_a_thief(self, code: Code) -> None:
        """Without the secret a replay gets nothing and ends nothing."""
        answered = self.desk.exchange(code.text, client_id=code.client, client_secret="wrong")
        assert answered.status == 400

    @rule(pick=st.randoms(use_true_random=False))
    def refresh(self, pick: Any) -> None:
        """A refresh works exactly while its consent, its time, its tester and its client stand."""
        held = [consent for consent in self.all if consent.refresh]
        if not held:
            return
        consent = pick.choice(held)
        token, ends = pick.choice(consent.refresh)
        answered = self.desk.refresh(token, client_id=consent.client)
        now = self.desk.clock.now()
        may = not consent.ended and now < ends and self.tester and self.active[consent.client]
        assert (answered.status == 200) is may, answered
        if may:
            consent.access.append((answered.body["access_token"], now + ACCESS_LIFE))

    @rule(pick=st.randoms(use_true_random=False), refresh=st.booleans())
    def revoke(self, pick: Any, refresh: bool) -> None:  # noqa: FBT001
        """Revoking any live token ends the consent; revoking a dead one is refused."""
        held = [c for c in self.all if (c.refresh if refresh else c.access)]
        if not held:
            return
        consent = pick.choice(held)
        token, ends = pick.choice(consent.refresh if refresh else consent.access)
        answered = self.desk.post({"token": token}, path="/revoke")
        live = not consent.ended and self.desk.clock.now() < ends
        assert answered.status == (200 if live else 400)
        if live:
            consent.ended = True

    @rule(seconds=st.sampled_from([1, 599, 600, 3598, 3599, 86400, 604799]))
    def wait(self, seconds: int) -> None:
        """Time passes."""
        self.desk.clock.advance(seconds)

    @rule()
    def toggle_tester(self) -> None:
        """The person is taken off the testers' list, or put back."""
        self.tester = not self.tester
        removed_at = None if self.tester else self.desk.clock.now()
        self.desk.change(TestUser, "demo-project", PERSON, removed_at=removed_at)

    @rule(client=st.sampled_from([CLIENT, OTHER_CLIENT]))
    def toggle_client(self, client: str) -> None:
        """A client is disabled, or enabled again."""
        self.active[client] = not self.active[client]
        state = "active" if self.active[client] else "disabled"
        self.desk.change(OAuthClient, client, state=state)

    @invariant()
    def access_tokens_are_good_exactly_while_they_may_be(self) -> None:
        """An access token is accepted if and only if its time runs and its consent lives."""
        now = self.desk.clock.now()
        for consent in self.all:
            for token, ends in consent.access[-3:]:
                assert self.desk.is_accepted(token) is (not consent.ended and now < ends)

    @invariant()
    def no_ended_grant_keeps_a_refresh_token(self) -> None:
        """The store agrees: as many grants live as consents do."""
        with self.desk.read() as tx:
            living = [grant for grant in tx.find(Grant) if grant.revoked_at is None]
        assert len(living) == sum(not consent.ended for consent in self.all)


TestGrantLife = GrantLife.TestCase
TestGrantLife.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)


def test_ending_twice_keeps_the_first_moment(desk: Desk) -> None:
    """A grant's end is the moment it first ended; an unknown grant is no error."""
    desk.signed_in()
    with desk.write() as tx:
        grant = tx.find(Grant, sub=SUB)[0]
        end_grant(tx, 5.0, grant.grant_id)
        end_grant(tx, 9.0, grant.grant_id)
        end_grant(tx, 9.0, "unknown")
        kept = tx.get(Grant, grant.grant_id)
    assert kept is not None
    assert kept.revoked_at == 5.0


def test_ended_refresh_tokens_do_not_count(desk: Desk) -> None:
    """A grant's end deletes its refresh tokens, so they take no place among the hundred."""
    tokens = desk.signed_in()
    desk.post({"token": tokens["access_token"]}, path="/revoke")
    with desk.read() as tx:
        assert tx.find(RefreshToken) == []


def test_deleted_account(desk: Desk) -> None:
    """Deleting a person ends nothing in writing, and yet nothing of theirs works."""
    tokens = desk.signed_in()
    with desk.write() as tx:
        tx.remove(Account, SUB)
    assert not desk.is_accepted(tokens["access_token"])
    assert desk.refresh(tokens["refresh_token"]).status == 400
