from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from gemauth.emulator.iam.first_party import GCLOUD_CLIENT_ID, install
from gemauth.google.client_secret import GCLOUD_CODE_PAGES
from gemauth.google.scopes import GCLOUD_ADC
from tests.emulator.authserver.room import (
    CALLBACK,
    LOOPBACK,
    WEB,
    Page,
    Room,
    policy,
)


class TestAnswerModes:
    def test_fragment(self, room: Room) -> None:
        """response_mode=fragment answers after the #."""
        reply = room.allow(room.to_consent(None, response_mode="fragment"))
        assert reply.headers["location"].startswith(f"{LOOPBACK}#code=4%2F0Aemu-")

    def test_form_post(self, room: Room) -> None:
        """response_mode=form_post answers with a page that posts the answer, by a button."""
        page = room.allow(room.to_consent(None, response_mode="form_post"))
        assert (page.status, page.name) == (200, "answer")
        assert ("form", {"method": "post", "action": LOOPBACK}) in page.tags
        assert page.fields["code"].startswith("4/0Aemu-")
        assert page.fields["state"] == "st&te=1"

    def test_form_post_of_a_refusal(self, room: Room) -> None:
        """Errors take the same way as codes."""
        page = room.press(room.to_consent(None, response_mode="form_post"), [("action", "cancel")])
        assert page.fields["error"] == "access_denied"


class TestGcloudsCodePage:
    @pytest.fixture
    def consent(self, room: Room) -> Page:
        """The consent page of `gcloud auth application-default login --no-launch-browser`."""
        with room.write() as tx:
            install(tx, 0)
        opened = room.open(
            client_id=GCLOUD_CLIENT_ID,
            scope=" ".join(GCLOUD_ADC),
            redirect_uri=GCLOUD_CODE_PAGES[0],
        )
        page: Page = room.choose(opened)
        return page

    def test_the_emulator_shows_the_code_itself(self, room: Room, consent: Page) -> None:
        """The page at Google that shows gcloud's codes gets none of an emulator's."""
        assert consent.name == "consent"  # Google's own app is verified: no warning comes before
        page = room.allow(consent)
        assert (page.status, page.name) == (200, "code")
        redirect = urlsplit(page.marks["redirect"])
        assert redirect.hostname == "sdk.cloud.google.com"
        (code,) = parse_qs(redirect.query)["code"]
        assert code.startswith("4/0Aemu-")
        assert code in page.text

    def test_declining(self, room: Room, consent: Page) -> None:
        """Who declines is told that there is no code."""
        page = room.press(consent, [("action", "cancel")])
        assert page.name == "code"
        assert "no code" in page.text
        assert "error=access_denied" in page.marks["redirect"]


class TestHeaders:
    def test_pages(self, room: Room) -> None:
        """Pages are private, cannot be framed or scripted, and tell no referrer (section 8)."""
        for reply in (
            room.open().reply,
            room.to_consent().reply,
            room.open(scope="x").reply,
            room.browser.get("/"),
        ):
            assert reply.headers["cache-control"] == "no-store"
            assert reply.headers["referrer-policy"] == "no-referrer"
            assert reply.headers["x-frame-options"] == "DENY"
            assert reply.headers["x-content-type-options"] == "nosniff"
            rules = policy(reply)
            assert rules["default-src"] == "'none'"
            assert rules["frame-ancestors"] == "'none'"
            assert rules["base-uri"] == "'none'"
            assert "script-src" not in rules
            assert "unsafe-inline" not in reply.headers["content-security-policy"]

    def test_no_cors(self, room: Room) -> None:
        """Another site's script can read nothing here (RFC 9700 section 2.6)."""
        reply = room.browser.get(room.url(), headers={"origin": "https://app.example.com"})
        assert not [name for name in reply.headers if name.startswith("access-control-")]

    def test_the_consent_form_may_lead_to_the_app(self, room: Room) -> None:
        """form-action names the redirect URI's origin: Chromium applies it to redirects."""
        page = room.to_consent(None, client_id=WEB, redirect_uri=CALLBACK)
        assert "https://app.example.com" in policy(page.reply)["form-action"].split()
        assert policy(room.open(scope="x").reply)["form-action"] == "'self'"

    def test_redirects_are_303_and_private(self, room: Room) -> None:
        """A form is not sent on to the redirect's target (RFC 9700 section 4.12)."""
        reply = room.allow(room.to_consent())
        assert reply.status_code == 303
        assert reply.headers["cache-control"] == "no-store"
        assert reply.headers["referrer-policy"] == "no-referrer"

    def test_cookie(self, room: Room) -> None:
        """The cookie is out of scripts' reach, of other sites' forms and of other paths."""
        reply = room.browser.get(room.url())
        header = reply.headers["set-cookie"]
        name, _, rest = header.partition("=")
        assert name == "gemauth_emulator_8085"
        assert {part.strip().lower() for part in rest.split(";")[1:]} >= {
            "httponly",
            "samesite=lax",
            "path=/o/oauth2",
        }

    def test_no_inline_style_or_script(self, room: Room) -> None:
        """The pages use nothing that the policy forbids, and nothing from outside."""
        for page in (room.open(), room.to_consent(), room.open(scope="x"), room.open("/")):
            for tag, values in page.tags:
                assert tag not in {"script", "style", "iframe"}
                assert not [name for name in values if name == "style" or name.startswith("on")]
                for name in ("src", "href"):
                    assert values.get(name, "/").startswith("/"), values


class TestLanguages:
    def test_hl_stays_with_the_sign_in(self, room: Room) -> None:
        """Hl chooses the language of all pages of a sign-in."""
        page = room.to_consent(None, hl="zh-TW")
        assert page.marks
        assert "「Gem Notes」想要使用你的帳戶" in page.text
        assert page.reply.headers["content-language"] == "zh-TW"
        assert ("html", {"lang": "zh-TW"}) in page.tags

    def test_accept_language(self, room: Room) -> None:
        """Without hl the browser's preference counts, also on error pages."""
        reply = room.browser.get(
            room.url(scope="x"), headers={"accept-language": "zh-TW,zh;q=0.9,en;q=0.8"}
        )
        assert "已封鎖存取" in reply.text
