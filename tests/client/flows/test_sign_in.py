from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gemauth.client.flows.sign_in import SignIn, WrongState, begin, code_of, redeem
from gemauth.errors import CredentialError, UsageError
from gemauth.flow import Send
from gemauth.google import scopes
from gemauth.google.endpoints import GOOGLE, emulator
from gemauth.oauth.authorization import AuthorizationResponse
from tests.client.transcript import CLIENT, form_of, play, tokens

if TYPE_CHECKING:
    from gemauth.client.flows.sign_in import Pending
    from gemauth.http import Response

REDIRECT = "http://127.0.0.1:4711/"


def entropy(size: int) -> bytes:
    """Return bytes that are the same in every test."""
    return bytes(range(size))


def pending(account: str | None = None) -> Pending:
    """Return a sign-in for the default scopes."""
    return begin(SignIn(CLIENT, GOOGLE, scopes.DEFAULT, account), REDIRECT, entropy)


def id_token(**claims: Any) -> str:
    """Return an id token; its signature is not read by clients of a token endpoint."""

    def part(value: dict[str, Any]) -> str:
        raw = base64.urlsafe_b64encode(json.dumps(value).encode())
        return raw.rstrip(b"=").decode()

    body = {"iss": GOOGLE.issuer, "aud": CLIENT.client_id, "email": "ada@example.com"} | claims
    return f"{part({'alg': 'RS256'})}.{part(body)}.AAAA"


class TestBegin:
    def test_the_request_asks_for_a_refresh_token_with_pkce(self) -> None:
        """The URL has S256, state, offline access and a forced consent (google-oauth.md 1.1)."""
        run = pending("ada@example.com")
        query = parse_qs(urlsplit(run.url).query)
        assert run.url.startswith(f"{GOOGLE.authorization}?")
        challenge = hashlib.sha256(run.verifier.encode()).digest()
        assert {name: value[0] for name, value in query.items()} == {
            "client_id": CLIENT.client_id,
            "redirect_uri": REDIRECT,
            "response_type": "code",
            "scope": " ".join((scopes.OPENID, scopes.EMAIL, *scopes.DEFAULT)),
            "state": run.state,
            "code_challenge": base64.urlsafe_b64encode(challenge).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            "access_type": "offline",
            "prompt": "consent",
            "login_hint": "ada@example.com",
        }

    def test_verifier_and_state_have_256_bits(self) -> None:
        """Both take 32 bytes of their own from the source of randomness (RFC 7636 section 7.1)."""
        asked = []

        def counting(size: int) -> bytes:
            asked.append(size)
            return bytes([len(asked)]) * size

        run = begin(SignIn(CLIENT, GOOGLE, scopes.DEFAULT), REDIRECT, counting)
        assert asked == [32, 32]
        assert run.verifier != run.state

    def test_without_an_account_nothing_more_is_asked(self) -> None:
        """Only an account to hold to adds the scopes that tell who signed in."""
        query = parse_qs(urlsplit(pending().url).query)
        assert query["scope"] == [" ".join(scopes.DEFAULT)]
        assert "login_hint" not in query

    def test_more_scopes_for_a_grant(self) -> None:
        """Earlier grants are included, and whose it is is told, with an account or without."""
        for account in (None, "ada@example.com"):
            adding = SignIn(CLIENT, GOOGLE, (scopes.TUNING,), account, adding=True)
            query = parse_qs(urlsplit(begin(adding, REDIRECT, entropy).url).query)
            assert query["include_granted_scopes"] == ["true"]
            assert query["scope"] == [f"openid {scopes.EMAIL} {scopes.TUNING}"]
        assert "include_granted_scopes" not in pending().url

    def test_secrets_are_not_shown(self) -> None:
        """State and verifier stay out of repr."""
        run = pending()
        assert run.state not in repr(run)
        assert run.verifier not in repr(run)


class TestSignIn:
    def test_a_web_client_is_refused(self) -> None:
        """Google lets only desktop clients redirect to any loopback port (google-oauth.md 1.2)."""
        with pytest.raises(UsageError, match="web client"):
            SignIn(replace(CLIENT, kind="web"), GOOGLE, scopes.DEFAULT)

    @pytest.mark.parametrize(
        "account",
        ["", "ada", "ada@", "@x", "a b@x.org", "a@x.org\n", "a\x1b[31m@x", "\udcff@x", "a@b@c"],
    )
    def test_what_is_no_address_is_refused(self, account: str) -> None:
        """Before a browser opens: nobody would turn out to have it."""
        with pytest.raises(UsageError, match="no e-mail address"):
            SignIn(CLIENT, GOOGLE, scopes.DEFAULT, account)

    @pytest.mark.parametrize("account", ["ada@example.com", "Ada.L+x@x", "ådä@bücher.example"])
    def test_any_address_will_do(self, account: str) -> None:
        """Who signs in decides, not its spelling."""
        url = begin(SignIn(CLIENT, GOOGLE, scopes.DEFAULT, account), "", entropy).url
        assert parse_qs(urlsplit(url).query)["login_hint"] == [account]

    def test_googles_own_clients_are_refused(self) -> None:
        """Google's own client id is not for others to use."""
        gcloud = "764086051850-6qr4p6gpi6hn506pt8ejuq83di341hur.apps.googleusercontent.com"
        with pytest.raises(UsageError, match="Google"):
            SignIn(replace(CLIENT, client_id=gcloud), GOOGLE, scopes.DEFAULT)
        local = emulator("http://127.0.0.1:8085")  # where the stand-in for gcloud uses it
        assert SignIn(replace(CLIENT, client_id=gcloud), local, scopes.DEFAULT).endpoints == local


class TestCodeOf:
    def test_the_code_of_our_own_answer(self) -> None:
        """State and issuer fit: the code counts."""
        run = pending()
        assert code_of(run, AuthorizationResponse("4/0A", run.state, iss=GOOGLE.issuer)) == "4/0A"

    def test_iss_may_be_absent(self) -> None:
        """Google sends `iss` only since 2026 (google-oauth.md 1.1)."""
        run = pending()
        assert code_of(run, AuthorizationResponse("4/0A", run.state)) == "4/0A"

    @given(st.text())
    def test_any_other_state_is_refused(self, state: str) -> None:
        """No state but ours is accepted, whatever it holds (RFC 9700 section 4.7)."""
        with pytest.raises(WrongState):
            code_of(pending(), AuthorizationResponse("4/0A", state))

    def test_no_state_is_refused(self) -> None:
        """A missing state is a wrong one."""
        with pytest.raises(WrongState):
            code_of(pending(), AuthorizationResponse("4/0A"))

    def test_another_issuer_is_refused(self) -> None:
        """A different `iss` is a mix-up attack, with a good state too (RFC 9207 section 2.4)."""
        run = pending()
        with pytest.raises(CredentialError, match="issuer"):
            code_of(run, AuthorizationResponse("4/0A", run.state, iss="https://evil.example"))

    def test_a_declined_consent(self) -> None:
        """access_denied is the person's own choice, said so."""
        run = pending()
        with pytest.raises(CredentialError, match="declined") as caught:
            code_of(run, AuthorizationResponse(None, run.state, "access_denied"))
        assert "Continue" in (caught.value.next_step or "")

    @pytest.mark.parametrize("error", ["server_error", None])
    def test_an_answer_without_a_code(self, error: str | None) -> None:
        """Any other error, and an answer with nothing in it, ends the sign-in."""
        run = pending()
        with pytest.raises(CredentialError, match=error or "neither"):
            code_of(run, AuthorizationResponse(None, run.state, error))


class TestRedeem:
    def test_the_code_is_spent_with_its_verifier(self) -> None:
        """Code, redirect URI, verifier and client go to the token endpoint together."""
        run = pending()

        def check(step: Send) -> Response:
            assert form_of(step) == {
                "grant_type": "authorization_code",
                "code": "4/0A",
                "redirect_uri": REDIRECT,
                "code_verifier": run.verifier,
                "client_id": CLIENT.client_id,
                "client_secret": CLIENT.client_secret,
            }
            return tokens(refresh_token="1//0", scope=" ".join(scopes.DEFAULT))

        granted = play(redeem(run, "4/0A"), (Send, check))
        assert granted.scopes == scopes.DEFAULT
        assert granted.missing == ()
        assert granted.account is None

    def test_unticked_boxes_are_named(self) -> None:
        """What was asked for and not granted is missing; the sign-in holds nevertheless."""
        some = (scopes.CLOUD_PLATFORM, scopes.TUNING)
        answer = tokens(refresh_token="1//0", scope=" ".join(some))
        granted = play(redeem(pending(), "4/0A"), (Send, answer))
        assert granted.scopes == some
        assert granted.missing == (scopes.RETRIEVER,)

    def test_more_than_was_asked_for_is_fine(self) -> None:
        """Earlier grants may come with it, in any order: all are known, and none is missing."""
        more = (scopes.EMAIL, *scopes.DEFAULT[::-1], "https://www.googleapis.com/auth/drive")
        answer = tokens(refresh_token="1//0", scope=" ".join(more))
        granted = play(redeem(pending(), "4/0A"), (Send, answer))
        assert granted.scopes == more
        assert granted.missing == ()

    def test_no_scope_in_the_answer_means_all(self) -> None:
        """RFC 6749 section 5.1: left out when identical to the request's."""
        granted = play(redeem(pending(), "4/0A"), (Send, tokens(refresh_token="1//0")))
        assert granted.scopes == scopes.DEFAULT

    def test_the_account_is_checked(self) -> None:
        """The id token's address has to be the one asked for, in any case of letters."""
        answer = tokens(refresh_token="1//0", id_token=id_token())
        granted = play(redeem(pending("Ada@Example.com"), "4/0A"), (Send, answer))
        assert granted.account == "ada@example.com"
        with pytest.raises(CredentialError, match=r"ada@example\.com signed in instead of bob@"):
            play(redeem(pending("bob@example.com"), "4/0A"), (Send, answer))

    def test_an_unnamed_person_is_not_the_account(self) -> None:
        """Without an id token nobody can say who signed in, so the account is not met."""
        with pytest.raises(CredentialError, match="unnamed"):
            play(redeem(pending("ada@example.com"), "4/0A"), (Send, tokens(refresh_token="1//0")))

    @pytest.mark.parametrize(
        "token",
        [id_token(aud="another"), id_token(iss="https://evil.example"), "no.token", "e30.e30.AAAA"],
    )
    def test_a_foreign_id_token_is_refused(self, token: str) -> None:
        """An id token of another client or issuer is not believed (OIDC core 3.1.3.7)."""
        with pytest.raises(CredentialError, match="id token"):
            play(redeem(pending(), "4/0A"), (Send, tokens(refresh_token="1//0", id_token=token)))

    def test_the_issuers_older_name_is_accepted(self) -> None:
        """Google's issuer without https:// is legal too (google-oauth.md 2.2)."""
        answer = tokens(refresh_token="1//0", id_token=id_token(iss="accounts.google.com"))
        assert play(redeem(pending(), "4/0A"), (Send, answer)).account == "ada@example.com"

    def test_an_id_token_without_an_address(self) -> None:
        """Without email, openid tells no address."""
        answer = tokens(refresh_token="1//0", id_token=id_token(email=None))
        assert play(redeem(pending(), "4/0A"), (Send, answer)).account is None

    def test_no_refresh_token_is_a_failure(self) -> None:
        """Credentials that end within the hour are not kept as if they lasted."""
        with pytest.raises(CredentialError, match="no refresh token"):
            play(redeem(pending(), "4/0A"), (Send, tokens()))
