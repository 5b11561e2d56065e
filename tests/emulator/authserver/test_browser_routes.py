from __future__ import annotations

from urllib.parse import urlencode

import pytest

from gemauth.emulator.accounts import sessions
from gemauth.emulator.authserver import pending
from gemauth.emulator.storage.records import (
    Account,
    AuthorizationCode,
    BrowserSession,
    ConsentScreen,
    Grant,
    OAuthClient,
    PendingAuthorization,
    TestUser,
)
from gemauth.google.scopes import CLOUD_PLATFORM, EMAIL, OPENID, RETRIEVER, TUNING
from tests.emulator.authserver.room import (
    ALL,
    CALLBACK,
    DESKTOP,
    ENDPOINT,
    LOOPBACK,
    WEB,
    Page,
    Room,
    answer,
    query,
)


class TestWholeWay:
    def test_chooser_warning_consent_redirect(self, room: Room) -> None:
        """A tester passes the pages in their order and the app gets its code (section 1.4)."""
        page = room.open()
        assert page.name == "account"
        assert page.accounts == {
            "ada@example.com": room.ada.sub,
            "bob@example.org": room.bob.sub,
        }
        page = room.choose(page)
        assert page.name == "warning"
        assert page.buttons == [("action", "continue"), ("action", "back")]
        page = room.press(page, [("action", "continue")])
        assert page.name == "consent"
        assert page.boxes == {CLOUD_PLATFORM: True, TUNING: True, RETRIEVER: True}
        assert page.scopes == [*ALL]
        reply = room.allow(page)
        assert reply.headers["location"].startswith(LOOPBACK + "?")
        assert query(reply).keys() == {"code", "state", "iss", "scope", "authuser", "prompt"}
        assert query(reply)["state"] == ["st&te=1"]
        assert query(reply)["scope"] == [" ".join(ALL)]

    def test_the_older_path_and_a_form_s_post(self, room: Room) -> None:
        """/o/oauth2/auth is the same endpoint, and a form may be posted to both (section 1)."""
        reply = room.browser.post("/o/oauth2/auth", data=room.parameters())
        page = room.follow(reply)
        assert page.name == "account"

    def test_a_bad_post_is_told_at_once(self, room: Room) -> None:
        """A posted request without scope ends on its page with its status."""
        page = Page(room.browser.post(ENDPOINT, data=room.parameters(scope=None)))
        assert (page.status, page.marks["error"]) == (400, "invalid_request")

    def test_a_parameter_in_query_and_form_is_repeated(self, room: Room) -> None:
        """Query and form together make one list of parameters."""
        page = Page(room.browser.post(room.url(), data={"scope": "openid"}))
        assert page.marks["reason"] == "parameter_repeated"

    def test_unticked_scope(self, room: Room) -> None:
        """One box left out: the code is for the others."""
        reply = room.allow(room.to_consent(), CLOUD_PLATFORM, RETRIEVER)
        assert answer(reply).scopes == (CLOUD_PLATFORM, RETRIEVER, OPENID, EMAIL)

    @pytest.mark.parametrize("action", ["back", "cancel"])
    def test_declining(self, room: Room, action: str) -> None:
        """Cancel, and Back to safety, answer access_denied with state and issuer (1.1)."""
        page = room.to_consent() if action == "cancel" else room.choose(room.open())
        reply = room.press(page, [("action", action)])
        assert query(reply) == {
            "error": ["access_denied"],
            "state": ["st&te=1"],
            "iss": ["https://accounts.google.com"],
        }
        assert room.all(AuthorizationCode) == []
        assert room.all(PendingAuthorization) == []

    def test_a_repeat_grant_redirects_at_once(self, room: Room) -> None:
        """The same scopes again: no page, prompt=none, and no consent behind the code."""
        room.signed_in()
        reply = room.open()
        assert answer(reply).more["prompt"] == "none"
        codes = room.all(AuthorizationCode)
        assert sorted(code.consent_shown for code in codes) == [False, True]

    def test_prompt_consent_shows_the_pages_again(self, room: Room) -> None:
        """prompt=consent after a grant asks again, from the chooser on."""
        room.signed_in()
        assert room.open(prompt="consent").name == "account"

    def test_a_known_hint_goes_to_consent(self, room: Room) -> None:
        """login_hint of somebody signed in spares the chooser."""
        room.signed_in(scope="openid")
        assert room.open(login_hint="ada@example.com").name == "warning"

    def test_two_clients_in_one_browser(self, room: Room) -> None:
        """Sign-ins that run at the same time do not disturb one another."""
        first = room.to_consent()
        web = {"client_id": WEB, "redirect_uri": CALLBACK}
        second = room.to_consent(None, **web, scope="openid")
        assert room.allow(first).headers["location"].startswith(LOOPBACK)
        assert room.allow(second).headers["location"].startswith(CALLBACK)

    def test_another_account_is_warned_anew(self, room: Room) -> None:
        """The warning that one person passed does not count for the next."""
        room.add(TestUser("demo", "bob@example.org", 0, None))
        page = room.to_consent()
        handle = page.fields["request"]
        chooser = room.open(f"/o/oauth2/signin/account?request={handle}")
        assert room.choose(chooser, room.bob).name == "warning"


class TestPrompt:
    def test_none_without_a_session(self, room: Room) -> None:
        """prompt=none and nobody signed in: login_required, redirected (section 1.1)."""
        response = answer(room.open(prompt="none"))
        assert (response.error, response.state) == ("login_required", "st&te=1")
        assert response.iss == "https://accounts.google.com"

    def test_none_after_a_grant(self, room: Room) -> None:
        """prompt=none with everything granted brings a code."""
        room.signed_in()
        assert answer(room.open(prompt="none")).code is not None

    def test_none_with_something_to_ask(self, room: Room) -> None:
        """prompt=none and a scope not yet granted: consent_required."""
        room.signed_in(scope="openid")
        assert answer(room.open(prompt="none")).error == "consent_required"

    def test_none_with_several_accounts(self, room: Room) -> None:
        """prompt=none and two people signed in: interaction_required."""
        room.signed_in()
        room.choose(room.open(prompt="select_account"), room.bob)
        assert answer(room.open(prompt="none")).error == "interaction_required"

    def test_none_never_redirects_a_refusal(self, room: Room) -> None:
        """A tester who was removed is told on a page also with prompt=none (section 1.1)."""
        room.signed_in()
        room.remove(TestUser, "demo", "ada@example.com")
        page = room.open(prompt="none")
        assert (page.status, page.marks["error"]) == (403, "access_denied")


class TestBlockedPages:
    def test_it_says_what_and_what_next(self, room: Room) -> None:
        """A blocked page has Google's code and name, the request's details and the way out."""
        page = room.choose(room.open(), room.bob)
        assert page.status == 403
        assert page.marks["error"] == "access_denied"
        assert page.marks["reason"] == "not_a_tester"
        assert "Error 403: access_denied" in page.text
        assert "gemauth emulator test-users add demo bob@example.org" in page.text
        assert "flowName=GeneralOAuthFlow" in page.text
        assert "redirect_uri=http://127.0.0.1:51234/" in page.text

    def test_reloading_after_the_cure_goes_on(self, room: Room) -> None:
        """Once the tester is added, the same page is the next step."""
        handle = room.open().fields["request"]
        room.choose(room.open(f"/o/oauth2/signin/account?request={handle}"), room.bob)
        room.add(TestUser("demo", "bob@example.org", 0, None))
        assert room.open(f"/o/oauth2/signin/consent?request={handle}").name == "warning"

    def test_never_redirected(self, room: Room) -> None:
        """Nothing wrong with the request reaches its redirect URI."""
        for changes in ({"scope": "x"}, {"client_id": "x"}, {"redirect_uri": "https://x.example"}):
            reply = room.browser.get(room.url(**changes))
            assert 400 <= reply.status_code < 500
            assert "location" not in reply.headers

    def test_secrets_in_the_url_are_not_repeated(self, room: Room) -> None:
        """A client secret sent by mistake is not shown on the error page."""
        reply = room.browser.get(room.url(scope="x", client_secret="GOCSPX-oops"))
        assert "GOCSPX-oops" not in reply.text

    def test_what_comes_in_is_escaped(self, room: Room) -> None:
        """Nothing in a request becomes markup, nor does an app's name."""
        room.change(ConsentScreen, "demo", app_name="<b>Gem</b> {x}")
        reply = room.browser.get(room.url(state="<script>alert(1)</script>", scope='"><img>'))
        assert "<script" not in reply.text
        assert "<img>" not in reply.text
        assert "&lt;b&gt;Gem&lt;/b&gt; {x}" in reply.text


class TestRecheck:
    """What changes while a person reads a page counts when the button is pressed."""

    def test_tester_removed(self, room: Room) -> None:
        """A tester removed on the consent page gets no code."""
        page = room.to_consent()
        room.change(TestUser, "demo", "ada@example.com", removed_at=1.0)
        blocked = room.allow(page)
        assert (blocked.status, blocked.marks["error"]) == (403, "access_denied")
        assert room.all(AuthorizationCode) == []

    def test_app_made_internal(self, room: Room) -> None:
        """An app that became Internal refuses accounts outside."""
        page = room.to_consent()
        room.change(ConsentScreen, "demo", user_type="internal")
        assert room.allow(page).marks["error"] == "org_internal"

    def test_client_disabled(self, room: Room) -> None:
        """A client that was disabled ends the sign-in on a page."""
        page = room.to_consent()
        room.change(OAuthClient, DESKTOP, state="disabled")
        assert room.allow(page).marks["error"] == "disabled_client"

    def test_account_deleted(self, room: Room) -> None:
        """Somebody whose account is gone chooses another."""
        page = room.to_consent()
        room.remove(Account, room.ada.sub)
        reply = room.follow(
            room.browser.get(f"/o/oauth2/signin/consent?request={page.fields['request']}")
        )
        assert reply.name == "account"

    def test_offer_changed(self, room: Room) -> None:
        """A form allows only what its page has shown: with another offer it is not accepted."""
        page = room.to_consent()
        room.add(Grant("g", room.ada.sub, DESKTOP, (CLOUD_PLATFORM,), 0, None))
        assert room.allow(page).marks["reason"] == "stale"
        assert room.all(AuthorizationCode) == []


class TestForms:
    def test_a_form_needs_its_token(self, room: Room) -> None:
        """A form without the page's token, or with another page's, does nothing (RFC 9700)."""
        page = room.open()
        page.fields["csrf"] = "0" * 64
        assert room.choose(page).marks["reason"] == "stale"
        page.fields["csrf"] = "ñ"
        assert room.choose(page).marks["reason"] == "stale"
        consent, chooser = room.to_consent(), room.open()
        consent.fields["csrf"] = chooser.fields["csrf"]
        assert room.allow(consent).status == 400
        assert room.all(AuthorizationCode) == []

    def test_a_form_needs_its_browser(self, room: Room) -> None:
        """Handle and token are worth nothing without the cookie, or with another's."""
        page = room.to_consent()
        for other in (room.new_browser(), room.new_browser()):
            room.browser = other
            assert room.allow(page).marks["reason"] == "stale"
            room.open()  # now it has a session of its own
            assert room.allow(page).marks["reason"] == "stale"
        assert room.all(AuthorizationCode) == []

    def test_answered_once(self, room: Room) -> None:
        """A form that is sent twice brings one code."""
        page = room.to_consent()
        assert answer(room.allow(page)).code is not None
        assert room.allow(page).marks["reason"] == "stale"
        assert len(room.all(AuthorizationCode)) == 1

    def test_too_late(self, room: Room) -> None:
        """A sign-in that took half an hour starts again."""
        page = room.to_consent()
        room.clock.advance(pending.LIFETIME)
        assert room.allow(page).marks["reason"] == "stale"

    def test_consent_cannot_be_jumped_to(self, room: Room) -> None:
        """The later pages lead back to the one that is due."""
        handle = room.open().fields["request"]
        assert room.open(f"/o/oauth2/signin/consent?request={handle}").name == "account"
        room.choose(room.open(f"/o/oauth2/signin/account?request={handle}"))
        assert room.open(f"/o/oauth2/signin/consent?request={handle}").name == "warning"

    def test_a_choice_that_does_not_exist(self, room: Room) -> None:
        """A sub that nobody has leads back to the chooser."""
        assert room.press(room.open(), [("sub", "1")]).name == "account"

    def test_an_unknown_action_shows_the_page_again(self, room: Room) -> None:
        """A form without one of its buttons decides nothing."""
        assert room.press(room.to_consent(), []).name == "consent"
        assert room.all(AuthorizationCode) == []

    @pytest.mark.parametrize(
        ("kind", "body"),
        [
            ("text/plain", b"request=x"),
            ("application/x-www-form-urlencoded", b"\xff=%ff"),
        ],
    )
    def test_what_no_page_sends(self, room: Room, kind: str, body: bytes) -> None:
        """Other content types and bytes that are no text are no form."""
        reply = room.browser.post(
            "/o/oauth2/signin/consent", content=body, headers={"content-type": kind}
        )
        assert Page(reply).marks["reason"] == "stale"

    @pytest.mark.parametrize("body", [b"a=" + b"x" * 70_000, b"a=1&" * 300])
    def test_more_than_a_page_sends(self, room: Room, body: bytes) -> None:
        """A long body, or very many fields, is 413."""
        headers = {"content-type": "application/x-www-form-urlencoded"}
        reply = room.browser.post("/o/oauth2/signin/consent", content=body, headers=headers)
        assert reply.status_code == 413


class TestSessions:
    def test_a_browser_is_remembered(self, room: Room) -> None:
        """The cookie of a second visit is the first one's, and who signed in is marked."""
        room.to_consent()
        page = room.open(prompt="select_account")
        assert "Signed in" in page.text
        assert len(room.all(BrowserSession)) == 1

    def test_an_old_session_is_replaced(self, room: Room) -> None:
        """After its time a session signs nobody in."""
        room.signed_in()
        room.clock.advance(sessions.LIFETIME)
        assert answer(room.open(prompt="none")).error == "login_required"

    def test_a_made_up_cookie_is_replaced(self, room: Room) -> None:
        """A browser cannot choose its own session."""
        room.browser.cookies.set("gemauth_emulator_8085", "fixed", path="/o/oauth2")
        room.browser.get(room.url())
        (session,) = room.all(BrowserSession)
        with room.context.store.read() as tx:
            assert sessions.current(tx, room.clock.now(), "fixed") is None
        assert session.subs == ()

    def test_what_has_ended_is_swept(self, room: Room) -> None:
        """Sign-ins that nobody finished are deleted by a later request."""
        room.open()
        room.clock.advance(pending.LIFETIME)
        room.open(scope="x")
        assert room.all(PendingAuthorization) == []


class TestProduction:
    def test_the_way_past_the_warning_is_behind_advanced(self, room: Room) -> None:
        """An unverified app in production: Advanced, then Go to X (unsafe) (section 1.4)."""
        room.change(ConsentScreen, "demo", publishing_status="production")
        page = room.choose(room.open(), room.bob)
        assert page.name == "warning"
        assert "Go to Gem Notes (unsafe)" in page.text
        assert [tag for tag, _ in page.tags].index("details") > 0
        assert room.press(page, [("action", "continue")]).name == "consent"

    def test_internal_apps_are_not_warned_about(self, room: Room) -> None:
        """An Internal app goes from the chooser to consent."""
        room.change(ConsentScreen, "demo", user_type="internal")
        page = room.choose(room.open(), room.bob)
        assert page.name == "consent"
        assert answer(room.allow(page)).more["hd"] == "example.org"


class TestChooser:
    def test_hd_without_a_match_says_how_to_make_one(self, room: Room) -> None:
        """An empty chooser names the command that fills it."""
        page = room.open(hd="example.net")
        assert "gemauth emulator accounts create ada@example.net --workspace" in page.text
        assert "no account" in room.open(hd="*").text.lower() or room.open(hd="*").accounts

    def test_no_account_at_all(self, room: Room) -> None:
        """An emulator without people says how to make one."""
        for person in (room.ada, room.bob):
            room.remove(Account, person.sub)
        assert "gemauth emulator accounts create ada@example.com" in room.open().text

    def test_sign_in_only(self, room: Room) -> None:
        """Sign-in scopes alone: no warning and no boxes (section 1.4)."""
        page = room.choose(room.open(scope="openid email profile"))
        assert (page.name, page.boxes) == ("consent", {})
        assert page.text.count("Sign in to Gem Notes") >= 1
        assert len(answer(room.allow(page)).scopes) == 3

    def test_what_was_granted_before_is_shown(self, room: Room) -> None:
        """A later consent lists the access that the app already has."""
        room.signed_in(scope="openid email")
        page = room.press(
            room.open(login_hint="ada@example.com", scope=f"{TUNING} email"),
            [("action", "continue")],
        )
        assert page.boxes == {}
        assert "already has some access" in page.text
        assert page.scopes == [TUNING, OPENID, EMAIL]

    def test_notes_for_the_developer(self, room: Room) -> None:
        """Weak PKCE is accepted as Google does, and noted."""
        page = room.to_consent(None, code_challenge_method="plain")
        assert "Send S256." in page.text


class TestOtherRoutes:
    def test_every_page_says_what_it_is(self, room: Room) -> None:
        """No page can be taken for Google's: each says so, and none asks for a password."""
        for page in (room.open(), room.to_consent(), room.open(scope="x"), room.open("/")):
            assert "gemauth emulator — this is not Google" in page.text
            assert 'type="password"' not in page.reply.text

    def test_other_methods(self, room: Room) -> None:
        """The endpoint answers GET and POST only."""
        assert room.browser.put(f"{ENDPOINT}?{urlencode({})}").status_code == 405
