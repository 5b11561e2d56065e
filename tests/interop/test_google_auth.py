"""google-auth: service-account keys, identity tokens, user credentials, the authorized session."""

from __future__ import annotations

import base64
import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import google.auth
import pytest
from google.auth import exceptions, external_account_authorized_user, jwt
from google.auth.transport.requests import AuthorizedSession, Request
from google.oauth2 import credentials, id_token, service_account

from gemauth.google.scopes import CLOUD_PLATFORM, EMAIL, OPENID, RETRIEVER, TUNING
from tests.interop.local_google import ADA, EVE, GRACE, PROJECT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.interop.local_google import Google, Requests

pytestmark = pytest.mark.interop

AUDIENCE = "https://tool.example.com"


def user(google: Google, answer: dict[str, Any], **changes: Any) -> credentials.Credentials:
    """Return google-auth's credentials of a person, whose refreshes stay local."""
    members = {
        "token": answer["access_token"],
        "refresh_token": answer["refresh_token"],
        "token_uri": f"{google.address}/token",
        "client_id": google.client_id,
        "client_secret": google.client_secret,
    }
    return credentials.Credentials(**(members | changes))


class TestServiceAccount:
    def test_token_exchange(self, google: Google, requests_seen: Requests) -> None:
        """A key's assertion is exchanged for a token that is the service account's own."""
        key = google.service_account()
        scoped = service_account.Credentials.from_service_account_info(key).with_scopes([TUNING])
        scoped.refresh(Request())
        assert requests_seen.count("POST /token 200") == 1
        assert scoped.token.startswith("ya29.c.emu-")
        assert scoped.valid
        left = scoped.expiry - dt.datetime.now(dt.UTC).replace(tzinfo=None)
        assert dt.timedelta(minutes=58) < left <= dt.timedelta(hours=1)
        told = AuthorizedSession(scoped).get(
            f"{google.address}/tokeninfo", params={"access_token": scoped.token}
        )
        assert told.json()["azp"] == key["client_id"]
        assert told.json()["scope"] == TUNING

    def test_key_file(self, google: Google, home: Path) -> None:
        """The key's JSON, saved as a file, is a key file."""
        key = google.service_account()
        file = home / "key.json"
        file.write_text(json.dumps(key))
        loaded = service_account.Credentials.from_service_account_file(
            str(file), scopes=[RETRIEVER]
        )
        assert loaded.service_account_email == key["client_email"]
        assert loaded.project_id == PROJECT
        answer = AuthorizedSession(loaded).get(f"{google.address}/v1beta/models")
        assert answer.status_code == 200

    def test_application_default(
        self, google: Google, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """GOOGLE_APPLICATION_CREDENTIALS may name a key file; the project is the key's."""
        file = home / "key.json"
        file.write_text(json.dumps(google.service_account()))
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))
        found, project = google_default([TUNING])
        found.refresh(Request())
        assert project == PROJECT
        assert found.token.startswith("ya29.c.emu-")

    def test_self_signed(self, google: Google, requests_seen: Requests) -> None:
        """A JWT that the key signs is a bearer token itself; the token endpoint is not asked."""
        key = google.service_account()
        plain = service_account.Credentials.from_service_account_info(key)
        own = jwt.Credentials.from_signing_credentials(
            plain, audience="https://generativelanguage.googleapis.com/"
        )
        answer = AuthorizedSession(own).get(f"{google.address}/v1beta/models")
        assert answer.status_code == 200
        assert requests_seen.count("POST /token 200") == 0

    def test_self_signed_for_another(self, google: Google) -> None:
        """A JWT whose audience is another service's is no credential here."""
        plain = service_account.Credentials.from_service_account_info(google.service_account())
        own = jwt.Credentials.from_signing_credentials(
            plain, audience="https://pubsub.googleapis.com/"
        )
        answer = AuthorizedSession(own, max_refresh_attempts=0).get(
            f"{google.address}/v1beta/models"
        )
        assert answer.status_code == 401

    def test_a_deleted_key_is_refused(self, google: Google) -> None:
        """What google-auth raises tells Google's own reason."""
        key = google.service_account()
        google.delete_key(key)
        scoped = service_account.Credentials.from_service_account_info(key, scopes=[TUNING])
        with pytest.raises(exceptions.RefreshError, match="Invalid JWT Signature") as caught:
            scoped.refresh(Request())
        assert caught.value.args[1]["error"] == "invalid_grant"

    def test_no_scopes(self, google: Google) -> None:
        """An assertion without scopes is refused: google-auth writes an empty one."""
        bare = service_account.Credentials.from_service_account_info(google.service_account())
        with pytest.raises(exceptions.RefreshError, match="invalid_scope"):
            bare.refresh(Request())

    def test_identity(self, google: Google) -> None:
        """A service account proves who it is to an audience; google-auth verifies it."""
        key = google.service_account()
        own = service_account.IDTokenCredentials.from_service_account_info(
            key, target_audience=AUDIENCE
        )
        own.refresh(Request())
        claims = id_token.verify_token(
            own.token, Request(), audience=AUDIENCE, certs_url=f"{google.address}/oauth2/v1/certs"
        )
        assert claims["iss"] == "https://accounts.google.com"
        assert claims["email"] == key["client_email"]
        assert claims["sub"] == key["client_id"]
        assert claims["email_verified"] is True


class TestIdToken:
    @pytest.fixture
    def token(self, google: Google) -> str:
        """Ada's id token, of a sign-in with `openid email`."""
        return str(google.tokens(ADA, "openid", "email")["id_token"])

    def test_verified(self, google: Google, token: str) -> None:
        """`verify_oauth2_token` accepts it: signature, expiry, audience and Google's issuer."""
        claims = id_token.verify_oauth2_token(token, diverted(google), audience=google.client_id)
        assert claims["email"] == ADA
        assert claims["hd"] == "example.com"
        assert claims["azp"] == google.client_id
        assert claims["exp"] - claims["iat"] == 3600

    @pytest.mark.parametrize("path", ["/oauth2/v1/certs", "/oauth2/v3/certs"])
    def test_both_key_documents(self, google: Google, token: str, path: str) -> None:
        """The X.509 map verifies it; the JWK set has the same key ids."""
        if path.endswith("v1/certs"):
            claims = id_token.verify_token(token, Request(), certs_url=google.address + path)
            assert claims["email"] == ADA
        published = Request()(google.address + path, method="GET").data
        body = json.loads(published)
        names = {key["kid"] for key in body["keys"]} if "keys" in body else set(body)
        assert jwt.decode_header(token)["kid"] in names
        assert len(names) == 2

    def test_another_audience(self, google: Google, token: str) -> None:
        """It is refused for any client but its own."""
        with pytest.raises(exceptions.InvalidValue, match="audience"):
            id_token.verify_oauth2_token(token, diverted(google), audience="another")

    def test_tampered(self, google: Google, token: str) -> None:
        """A changed claim breaks the signature."""
        header, _, signature = token.split(".")
        claims = jwt.decode(token, verify=False) | {"email": "eve@example.com"}
        forged = ".".join((header, segment(claims), signature))
        with pytest.raises(exceptions.GoogleAuthError, match="signature"):
            id_token.verify_oauth2_token(forged, diverted(google), audience=google.client_id)


class TestUser:
    def test_refresh(self, google: Google, requests_seen: Requests) -> None:
        """A refresh brings a new access token and, with `openid`, an id token."""
        answer = google.tokens(ADA, "openid", "email", "tuning")
        person = user(google, answer, token=None, scopes=[OPENID, EMAIL, TUNING])
        person.refresh(Request())
        assert requests_seen.count("POST /token 200") == 1
        assert person.token not in {None, answer["access_token"]}
        assert person.refresh_token == answer["refresh_token"]
        assert set(person.granted_scopes) == {OPENID, EMAIL, TUNING}
        claims = id_token.verify_oauth2_token(person.id_token, diverted(google))
        assert claims["email"] == ADA

    def test_narrowed(self, google: Google) -> None:
        """Scopes that are asked for at the refresh narrow the token; others are invalid_scope."""
        answer = google.tokens(ADA, "tuning", "retriever")
        narrow = user(google, answer, token=None, scopes=[TUNING])
        narrow.refresh(Request())
        told = Request()(f"{google.address}/tokeninfo?access_token={narrow.token}").data
        assert json.loads(told)["scope"] == TUNING
        wide = user(google, answer, token=None, scopes=[CLOUD_PLATFORM])
        with pytest.raises(exceptions.RefreshError, match="invalid_scope"):
            wide.refresh(Request())

    def test_revoked(self, google: Google) -> None:
        """After a revocation the refresh fails in Google's words, and the access token with 401."""
        answer = google.tokens(GRACE, "tuning")
        revoked = Request()(
            f"{google.address}/revoke",
            method="POST",
            body=f"token={answer['refresh_token']}".encode(),
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )
        assert revoked.status == 200
        with pytest.raises(exceptions.RefreshError, match="expired or revoked"):
            user(google, answer).refresh(Request())
        session = AuthorizedSession(user(google, answer), max_refresh_attempts=0)
        assert session.get(f"{google.address}/v1beta/models").status_code == 401

    def test_401_refresh_repeat(self, google: Google, requests_seen: Requests) -> None:
        """A token that is no longer accepted is replaced, and the request sent again."""
        answer = google.tokens(ADA, "tuning")
        session = AuthorizedSession(user(google, answer, token="ya29.emu-long-gone"))
        reply = session.get(f"{google.address}/v1beta/models")
        assert reply.status_code == 200
        assert reply.json()["models"][0]["name"].startswith("models/")
        assert requests_seen.seen() == [
            "GET /v1beta/models 401",
            "POST /token 200",
            "GET /v1beta/models 200",
        ]

    def test_quota_project(self, google: Google) -> None:
        """The quota project travels with every call; who may not use it is told so."""
        path = f"{google.address}/v1beta/models"
        owner = user(google, google.tokens(ADA, "tuning")).with_quota_project(PROJECT)
        assert AuthorizedSession(owner).get(path).status_code == 200
        guest = user(google, google.tokens(GRACE, "tuning")).with_quota_project(PROJECT)
        refused = AuthorizedSession(guest).get(path).json()["error"]
        assert "USER_PROJECT_DENIED" in {detail.get("reason") for detail in refused["details"]}


class TestDefault:
    """The file that lets any program be a person here, with no code (google-oauth.md 9.1)."""

    @pytest.fixture
    def file(self, google: Google, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """Ada's file at the well-known place of ADC, on a machine without gcloud.

        For a file there google-auth asks an installed gcloud for its project, whatever the
        variables say, and gcloud asks the network.
        """
        monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", PROJECT)
        monkeypatch.setenv("PATH", str(home))
        file = home / ".config" / "gcloud" / "application_default_credentials.json"
        file.parent.mkdir(parents=True)
        members = {
            "type": "external_account_authorized_user",
            "audience": "emulator",
            "client_id": google.client_id,
            "client_secret": google.client_secret,
            "refresh_token": google.tokens(ADA, "tuning")["refresh_token"],
            "token_url": f"{google.address}/token",
            "quota_project_id": PROJECT,
        }
        file.write_text(json.dumps(members))
        return file

    def test_default(self, google: Google, file: Path, requests_seen: Requests) -> None:
        """`google.auth.default()` finds it and calls the API with it."""
        found, project = google_default()
        assert isinstance(found, external_account_authorized_user.Credentials)
        assert project == PROJECT
        answer = AuthorizedSession(found).get(f"{google.address}/v1beta/models")
        assert answer.status_code == 200
        assert requests_seen.count("POST /token 200") == 1

    def test_nothing_is_sent_to_google(
        self, google: Google, file: Path, tunnels: Callable[[], list[tuple[str, int]]]
    ) -> None:
        """With this file google-auth asks no other host, not even through the proxy."""
        found, _ = google_default()
        AuthorizedSession(found).get(f"{google.address}/v1beta/models")
        assert tunnels() == []


def test_a_person_who_is_no_tester(google: Google) -> None:
    """Somebody taken off the testers' list loses the refresh too."""
    answer = google.tokens(EVE, "tuning")
    with pytest.raises(exceptions.RefreshError, match="invalid_grant"):
        user(google, answer).refresh(Request())


def google_default(scopes: list[str] | None = None) -> tuple[Any, str | None]:
    """Return what `google.auth.default` finds."""
    found, project = google.auth.default(scopes=scopes)
    return found, project


def diverted(google: Google) -> Any:
    """Return google-auth's transport, which asks the emulator where Google's address is fixed.

    `verify_oauth2_token` has the address of the certificates in its code; its transport is an
    argument, so nothing in google-auth is changed.
    """
    send = Request()

    def request(url: str, **options: Any) -> Any:
        return send(url.replace("https://www.googleapis.com", google.address), **options)

    return request


def segment(claims: dict[str, Any]) -> str:
    """Return claims as a JWT's second part."""
    return base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
