from __future__ import annotations

from dataclasses import replace

import pytest

from gemauth.emulator.authserver import consent
from gemauth.emulator.storage.hashing import digest
from gemauth.emulator.storage.records import AuthorizationCode, ConsentScreen, Grant
from gemauth.google.scopes import CLOUD_PLATFORM, EMAIL, OPENID, RETRIEVER, TUNING
from gemauth.oauth.authorization import AuthorizationResponse
from tests.emulator.authserver.room import ALL, CALLBACK, CHALLENGE, DESKTOP, LOOPBACK, WEB, Room


def _standing(room: Room, **changes: str | None) -> consent.Consent:
    wanted = room.asked(**changes)
    with room.context.store.read() as tx:
        return consent.consent(tx, wanted, room.ada)


def _allow(room: Room, *ticked: str, **changes: str | None) -> AuthorizationResponse:
    wanted = room.asked(**changes)
    with room.context.store.write() as tx:
        return consent.allow(tx, room.clock.now(), room.entropy, wanted, room.ada, ticked)


class TestOffered:
    def test_a_first_request_offers_everything(self, room: Room) -> None:
        """Nothing was granted: all is asked for, and only what is beyond sign-in has boxes."""
        result = _standing(room)
        assert result.offered == ALL
        assert result.choices == (CLOUD_PLATFORM, TUNING, RETRIEVER)
        assert result.is_granular

    def test_one_choice_has_no_box(self, room: Room) -> None:
        """Checkboxes come with more than one non-sign-in scope (section 1.4)."""
        assert not _standing(room, scope=f"{CLOUD_PLATFORM} openid email").is_granular

    def test_sign_in_alone_has_no_boxes(self, room: Room) -> None:
        """Sign-in-only requests skip the checkbox screen (section 1.4)."""
        result = _standing(room, scope="openid email")
        assert (result.choices, result.is_granular) == ((), False)

    def test_granted_before_is_not_asked_again(self, room: Room) -> None:
        """Only what is new is offered."""
        _allow(room, CLOUD_PLATFORM, scope=CLOUD_PLATFORM)
        assert _standing(room, scope=f"{CLOUD_PLATFORM} {TUNING}").offered == (TUNING,)
        assert _standing(room, scope=CLOUD_PLATFORM).offered == ()

    def test_prompt_consent_asks_for_everything_again(self, room: Room) -> None:
        """prompt=consent shows the page whatever was granted (section 1.1)."""
        _allow(room, CLOUD_PLATFORM, scope=CLOUD_PLATFORM)
        assert _standing(room, scope=CLOUD_PLATFORM, prompt="consent").offered == (CLOUD_PLATFORM,)

    def test_a_revoked_grant_does_not_count(self, room: Room) -> None:
        """After a revocation the person is asked as if for the first time."""
        _allow(room, CLOUD_PLATFORM, scope=CLOUD_PLATFORM)
        (grant,) = room.all(Grant)
        room.change(Grant, grant.grant_id, revoked_at=1.0)
        assert _standing(room, scope=CLOUD_PLATFORM).offered == (CLOUD_PLATFORM,)

    def test_another_client_s_grant_counts_with_include_granted_scopes_only(
        self, room: Room
    ) -> None:
        """include_granted_scopes looks at the whole project's grants (section 1.1)."""
        _allow(room, scope=TUNING)
        web = {"client_id": WEB, "redirect_uri": CALLBACK, "scope": TUNING}
        assert _standing(room, **web).offered == (TUNING,)
        assert _standing(room, **web, include_granted_scopes="true").offered == ()

    def test_enable_granular_consent_changes_nothing(self, room: Room) -> None:
        """Google heeds enable_granular_consent=false for clients made before 2019 only."""
        assert _standing(room, enable_granular_consent="false").is_granular


class TestWarning:
    def test_external_and_sensitive(self, room: Room) -> None:
        """An unverified app that asks for sensitive scopes is warned about (section 1.4)."""
        assert consent.needs_warning(room.asked(), _standing(room))

    def test_not_for_sign_in(self, room: Room) -> None:
        """Sign-in scopes are not sensitive."""
        wanted = {"scope": "openid email"}
        assert not consent.needs_warning(room.asked(**wanted), _standing(room, **wanted))

    def test_not_for_internal(self, room: Room) -> None:
        """An organization's own app needs no verification."""
        room.change(ConsentScreen, "demo", user_type="internal")
        assert not consent.needs_warning(room.asked(), _standing(room))


class TestAllow:
    def test_code_and_grant(self, room: Room) -> None:
        """The code is kept as a digest for ten minutes, with all that its exchange must match."""
        response = _allow(room, *ALL, nonce="n-0S6")
        assert response.code is not None
        assert response.code.startswith("4/0Aemu-")
        (grant,) = room.all(Grant)
        assert (grant.sub, grant.client_id, grant.scopes) == (room.ada.sub, DESKTOP, ALL)
        assert room.all(AuthorizationCode) == [
            AuthorizationCode(
                code_hash=digest(response.code),
                grant_id=grant.grant_id,
                sub=room.ada.sub,
                client_id=DESKTOP,
                redirect_uri=LOOPBACK,
                scopes=ALL,
                code_challenge=CHALLENGE,
                code_challenge_method="S256",
                nonce="n-0S6",
                offline=True,
                consent_shown=True,
                expires_at=room.clock.now() + 600,
            )
        ]

    def test_the_answer_s_parameters(self, room: Room) -> None:
        """state, iss, canonical scope, authuser and prompt are in the answer (section 1.1)."""
        response = _allow(room, *ALL)
        assert response.state == "st&te=1"
        assert response.iss == "https://accounts.google.com"
        assert response.scopes == ALL
        assert response.more == {"authuser": "0", "prompt": "consent"}

    def test_hd_for_workspace_accounts(self, room: Room) -> None:
        """A Workspace account's domain is in the answer (section 1.1)."""
        wanted = room.asked()
        with room.context.store.write() as tx:
            response = consent.allow(tx, 0, room.entropy, wanted, room.bob, ALL)
        assert response.more["hd"] == "example.org"

    @pytest.mark.parametrize(
        ("method", "kept"), [(None, "plain"), ("plain", "plain"), ("S256", "S256")]
    )
    def test_challenge_method(self, room: Room, method: str | None, kept: str) -> None:
        """A challenge without a method is plain (RFC 7636 section 4.3)."""
        _allow(room, code_challenge_method=method)
        assert room.all(AuthorizationCode)[0].code_challenge_method == kept

    def test_no_challenge_has_no_method(self, room: Room) -> None:
        """Without PKCE the code asks for no verifier."""
        _allow(room, code_challenge=None, code_challenge_method=None)
        (code,) = room.all(AuthorizationCode)
        assert (code.code_challenge, code.code_challenge_method) == (None, None)

    @pytest.mark.parametrize("access_type", ["online", None])
    def test_online(self, room: Room, access_type: str | None) -> None:
        """Only access_type=offline asks for a refresh token; online is the default."""
        _allow(room, access_type=access_type)
        assert not room.all(AuthorizationCode)[0].offline

    def test_unticked_scopes_are_not_granted(self, room: Room) -> None:
        """A box left out is left out of the code, the grant and the answer."""
        response = _allow(room, CLOUD_PLATFORM, RETRIEVER)
        expected = (CLOUD_PLATFORM, RETRIEVER, OPENID, EMAIL)
        assert response.scopes == expected
        assert room.all(Grant)[0].scopes == expected
        assert room.all(AuthorizationCode)[0].scopes == expected

    def test_nothing_ticked_leaves_sign_in(self, room: Room) -> None:
        """With no box ticked only the sign-in scopes are granted."""
        assert _allow(room).scopes == (OPENID, EMAIL)

    def test_nothing_ticked_and_nothing_left(self, room: Room) -> None:
        """With no box ticked and no sign-in asked for, the app is refused."""
        response = _allow(room, scope=f"{CLOUD_PLATFORM} {TUNING}")
        assert (response.error, response.code) == ("access_denied", None)
        assert response.state == "st&te=1"
        assert response.iss == "https://accounts.google.com"
        assert room.all(Grant) == []

    def test_a_single_choice_comes_with_the_button(self, room: Room) -> None:
        """One scope has no box: Allow allows it."""
        assert _allow(room, scope=CLOUD_PLATFORM).scopes == (CLOUD_PLATFORM,)

    def test_more_than_was_offered_is_ignored(self, room: Room) -> None:
        """A form cannot grant what the app did not ask for."""
        response = _allow(room, CLOUD_PLATFORM, RETRIEVER, scope=f"{CLOUD_PLATFORM} {TUNING}")
        assert response.scopes == (CLOUD_PLATFORM,)

    def test_a_second_consent_widens_the_grant(self, room: Room) -> None:
        """There is one grant for a person and a client; a code carries what it asked for."""
        _allow(room, scope=CLOUD_PLATFORM)
        response = _allow(room, scope=TUNING)
        assert response.scopes == (TUNING,)
        (grant,) = room.all(Grant)
        assert set(grant.scopes) == {CLOUD_PLATFORM, TUNING}

    def test_unticking_what_was_granted_takes_it_back(self, room: Room) -> None:
        """What a person unticks at prompt=consent is no longer granted without asking."""
        both = {"scope": f"{CLOUD_PLATFORM} {TUNING}"}
        _allow(room, CLOUD_PLATFORM, TUNING, **both)
        room.clock.advance(1)  # codes are found in the order in which they end
        again = _allow(room, TUNING, **both, prompt="consent", include_granted_scopes="true")
        assert again.scopes == (TUNING,)
        assert _standing(room, **both).offered == (CLOUD_PLATFORM,)

    def test_include_granted_scopes(self, room: Room) -> None:
        """With include_granted_scopes the code covers the earlier grants of the project too."""
        _allow(room, scope=CLOUD_PLATFORM)
        response = _allow(
            room,
            client_id=WEB,
            redirect_uri=CALLBACK,
            scope=TUNING,
            include_granted_scopes="true",
        )
        assert response.scopes == (TUNING, CLOUD_PLATFORM)

    def test_a_new_grant_after_revocation(self, room: Room) -> None:
        """A revoked grant stays ended; consent makes another."""
        _allow(room, scope=TUNING)
        (first,) = room.all(Grant)
        room.change(Grant, first.grant_id, revoked_at=1.0)
        _allow(room, scope=TUNING)
        assert len(room.all(Grant)) == 2


class TestPassBy:
    def test_no_page_no_consent(self, room: Room) -> None:
        """A repeat grant is answered with prompt=none: no consent page stands behind its code."""
        _allow(room, *ALL)
        wanted = room.asked()
        with room.context.store.write() as tx:
            response = consent.pass_by(tx, 0, room.entropy, wanted, room.ada)
        assert response.more["prompt"] == "none"
        assert response.scopes == ALL
        kept = [code for code in room.all(AuthorizationCode) if not code.consent_shown]
        assert [code.code_hash for code in kept] == [digest(response.code or "")]


def test_refusal_has_state_and_issuer(room: Room) -> None:
    """Error answers carry state and iss (RFC 6749 4.1.2.1, RFC 9207)."""
    wanted = room.asked()
    assert consent.refusal(wanted, "login_required") == AuthorizationResponse(
        state="st&te=1", error="login_required", iss="https://accounts.google.com"
    )
    bare = replace(wanted, request=replace(wanted.request, state=None))
    assert consent.refusal(bare, "access_denied").state is None
