from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import gemauth
from gemauth.client.cache import grants
from gemauth.client.sources import external
from gemauth.client.sources.chain import default, load
from gemauth.errors import CredentialError, UsageError
from gemauth.flow import Send
from gemauth.google import scopes
from gemauth.google.endpoints import GOOGLE
from gemauth.google.status import StatusError
from gemauth.http import JSON, Headers, Request, Response
from gemauth.oauth import jwt
from gemauth.testing.emulator import EmulatorServer
from tests.client.flows.test_assertion import EMULATED as EMULATED_KEY
from tests.client.flows.test_assertion import KEY
from tests.client.transcript import EMULATOR, Sender, answer, form_of, play, sent, tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

USER = {
    "type": "authorized_user",
    "client_id": "1-x.apps.googleusercontent.com",
    "client_secret": "GOCSPX-x",
    "refresh_token": "1//0x",
    "quota_project_id": "askers",
}
ROBOT = "robot@demo.iam.gserviceaccount.com"
URL = f"https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/{ROBOT}"
ACTING: dict[str, Any] = {
    "type": "impersonated_service_account",
    "service_account_impersonation_url": f"{URL}:generateAccessToken",
    "source_credentials": USER,
    "delegates": ["via@demo.iam.gserviceaccount.com"],
}
OUTSIDER = {
    "type": "external_account_authorized_user",
    "audience": "//iam.googleapis.com/locations/global/workforcePools/p/providers/q",
    "client_id": "c",
    "client_secret": "s",
    "refresh_token": "r",
    "token_url": "https://sts.googleapis.com/v1/oauthtoken",
}
WORKLOAD = {
    "type": "external_account",
    "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p",
    "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
    "token_url": "https://sts.googleapis.com/v1/token",
    "credential_source": {"file": "token"},
    "quota_project_id": "workloads",
}
MADE = answer(accessToken="ya29.c.robot", expireTime="2026-11-19T01:46:40Z")


@pytest.fixture
def environ(home: Path) -> dict[str, str]:
    """A home without credentials."""
    return {"HOME": str(home)}


@pytest.fixture
def put(tmp_path: Path) -> Callable[[Any], str]:
    """Write a credential file and return its path."""

    def put(body: Any) -> str:
        path = tmp_path / "credentials.json"
        path.write_text(json.dumps(body))
        return str(path)

    return put


def test_more_scopes_are_asked_for_where_the_sign_in_is(
    environ: dict[str, str], put: Callable[[Any], str]
) -> None:
    """The command that a refusal names leads to this file, and not to another sign-in."""
    grants.remember(environ, USER["refresh_token"], grants.Grant((scopes.OPENID,)))
    path = put(USER)
    narrow = load(path, ["email"], environ=environ).credentials
    with pytest.raises(CredentialError) as caught:
        play(narrow.source.token())
    assert (caught.value.next_step or "").endswith(f"--add-scopes userinfo.email --output {path}")


class TestImpersonatedFile:
    def test_gclouds_file(self, environ: dict[str, str], put: Callable[[Any], str]) -> None:
        """The person's refresh without scopes, then the account's token; the second is kept."""
        found = load(put({**ACTING, "quota_project_id": "billed"}), environ=environ).credentials
        assert (found.kind, found.account, found.quota_project, found.scopes) == (
            "impersonated_service_account",
            ROBOT,
            "billed",
            scopes.DEFAULT,
        )

        def refresh(step: Send) -> Response:
            assert sent(step).url == GOOGLE.token
            assert "scope" not in form_of(step)
            return tokens()

        def make(step: Send) -> Response:
            request = sent(step)
            assert request.url == ACTING["service_account_impersonation_url"]
            assert request.headers["Authorization"] == "Bearer ya29.a0"
            assert request.headers["x-goog-user-project"] == "askers"
            body = json.loads(request.body)
            assert body["scope"] == list(scopes.DEFAULT)
            assert body["delegates"] == [f"projects/-/serviceAccounts/{ACTING['delegates'][0]}"]
            return MADE

        assert play(found.source.token(), (Send, refresh), (Send, make)).value == "ya29.c.robot"
        again = load(put({**ACTING, "quota_project_id": "billed"}), environ=environ).credentials
        assert play(again.source.token()).value == "ya29.c.robot"

    def test_scopes(self, environ: dict[str, str], put: Callable[[Any], str]) -> None:
        """The caller's go before the file's, as in google-auth."""
        path = put({**ACTING, "scopes": ["https://www.googleapis.com/auth/cloud-platform"]})
        assert load(path, environ=environ).credentials.scopes == (scopes.CLOUD_PLATFORM,)
        assert load(path, ["tuning"], environ=environ).credentials.scopes == (scopes.TUNING,)

    def test_a_key_asks_with_the_scope_iam(
        self, environ: dict[str, str], put: Callable[[Any], str]
    ) -> None:
        """As google-auth does (google-oauth.md section 10)."""
        path = put({**ACTING, "source_credentials": KEY.to_json()})

        def assertion(step: Send) -> Response:
            assert jwt.decode(form_of(step)["assertion"]).claims["scope"] == scopes.IAM
            return tokens()

        source = load(path, environ=environ).credentials.source
        assert play(source.token(), (Send, assertion), (Send, MADE)).value == "ya29.c.robot"

    def test_a_person_of_another_provider(
        self, environ: dict[str, str], put: Callable[[Any], str]
    ) -> None:
        """The third type of source that google-auth takes."""
        path = put({**ACTING, "source_credentials": OUTSIDER})

        def refresh(step: Send) -> Response:
            assert sent(step).url == OUTSIDER["token_url"]
            return tokens()

        source = load(path, environ=environ).credentials.source
        assert play(source.token(), (Send, refresh), (Send, MADE)).value == "ya29.c.robot"

    def test_the_url_is_no_way_out(
        self, environ: dict[str, str], put: Callable[[Any], str]
    ) -> None:
        """Any host but Google's or loopback is refused, though only the account in it counts."""
        url = f"https://evil.example/v1/{ROBOT}:generateAccessToken"
        with pytest.raises(UsageError, match=r"evil\.example"):
            load(put({**ACTING, "service_account_impersonation_url": url}), environ=environ)

    def test_an_emulators_source(self, environ: dict[str, str], put: Callable[[Any], str]) -> None:
        """It says where its emulator is, whatever the URL; Google's goes to no emulator."""
        path = put({**ACTING, "source_credentials": EMULATED_KEY.to_json()})
        assert load(path, environ=environ).credentials.endpoints == EMULATOR
        with pytest.raises(CredentialError, match="not sent to an emulator"):
            load(put(ACTING), environ=environ, emulator=EMULATOR.gemini)
        local = f"{EMULATOR.gemini}/v1/projects/-/serviceAccounts/{ROBOT}:generateAccessToken"
        with pytest.raises(CredentialError, match="not sent to an emulator"):
            load(put({**ACTING, "service_account_impersonation_url": local}), environ=environ)


class TestActing:
    """`impersonate=` and `--impersonate-service-account`, with whatever credentials there are."""

    def test_as_a_person(self, environ: dict[str, str], put: Callable[[Any], str]) -> None:
        """The scopes are the account's; the person's refresh takes all that was granted."""
        found = load(put(USER), ["tuning"], impersonate=f"via@x,{ROBOT}", environ=environ)
        mine = found.credentials
        assert (mine.kind, mine.account, mine.path) == ("impersonated_service_account", ROBOT, None)
        assert mine.quota_project is None  # the person's, in "USER", is not the account's

        def refresh(step: Send) -> Response:
            assert "scope" not in form_of(step)
            return tokens()

        def make(step: Send) -> Response:
            body = json.loads(sent(step).body)
            assert body["scope"] == [scopes.TUNING]
            assert body["delegates"] == ["projects/-/serviceAccounts/via@x"]
            return MADE

        play(mine.source.token(), (Send, refresh), (Send, make))
        plain = load(put(USER), environ=environ).credentials
        assert play(plain.source.token()).value == "ya29.a0"
        other = load(put(USER), ["tuning"], impersonate="other@x", environ=environ).credentials
        play(other.source.token(), (Send, MADE))

    def test_as_a_key(self, environ: dict[str, str], put: Callable[[Any], str]) -> None:
        """Its own token with the scope iam is kept apart from the usual one."""
        path = put(KEY.to_json())
        mine = load(path, impersonate=[ROBOT], environ=environ).credentials
        assert mine.scopes == scopes.DEFAULT
        play(mine.source.token(), (Send, tokens()), (Send, MADE))
        usual = load(path, environ=environ).credentials
        assert (
            play(usual.source.token(), (Send, tokens(access_token="ya29.c.b"))).value != "ya29.a0"
        )

    def test_as_a_file_that_impersonates(
        self, environ: dict[str, str], put: Callable[[Any], str]
    ) -> None:
        """One account acts as the next: the first token has the scope iam only."""
        mine = load(put(ACTING), impersonate="next@x", environ=environ).credentials

        def first(step: Send) -> Response:
            assert json.loads(sent(step).body)["scope"] == [scopes.IAM]
            return MADE

        def second(step: Send) -> Response:
            assert sent(step).url.endswith("/next@x:generateAccessToken")
            assert sent(step).headers["Authorization"] == "Bearer ya29.c.robot"
            return answer(accessToken="ya29.c.next", expireTime="2026-11-19T01:46:40Z")

        flow = mine.source.token()
        assert play(flow, (Send, tokens()), (Send, first), (Send, second)).value == "ya29.c.next"

    def test_as_a_machine(self, environ: dict[str, str]) -> None:
        """The metadata server's token asks; no file is there to keep the other's by."""
        there = Sender(Response(200, Headers({"Metadata-Flavor": "Google"})))
        found = default(impersonate=ROBOT, environ=environ, transport=there)

        def machine(step: Send) -> Response:
            assert sent(step).url.endswith("?scopes=https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fiam")
            return tokens(access_token="ya29.c.machine")

        token = play(found.credentials.source.token(), (Send, machine), (Send, MADE))
        assert (token.value, found.credentials.account) == ("ya29.c.robot", ROBOT)

    def test_a_machine_has_no_key(self, environ: dict[str, str]) -> None:
        """Delegation and self-signed tokens take one."""
        for how in ({"subject": "ada@x"}, {"self_signed": True}):
            there = Sender(Response(200, Headers({"Metadata-Flavor": "Google"})))
            with pytest.raises(UsageError, match="no key"):
                default(**how, environ=environ, transport=there)


class TestKey:
    def test_domain_wide_delegation(
        self, environ: dict[str, str], put: Callable[[Any], str]
    ) -> None:
        """The assertion's sub; the token is the person's, and kept apart from the account's."""
        path = put(KEY.to_json())
        mine = load(path, ["tuning"], subject="ada@x", environ=environ).credentials
        assert (mine.account, mine.path) == ("ada@x", None)

        def exchange(step: Send) -> Response:
            claims = jwt.decode(form_of(step)["assertion"]).claims
            assert (claims["iss"], claims["sub"]) == (KEY.client_email, "ada@x")
            return tokens()

        play(mine.source.token(), (Send, exchange))
        own = load(path, ["tuning"], environ=environ).credentials
        assert own.account == KEY.client_email
        assert (
            play(own.source.token(), (Send, tokens(access_token="ya29.c.own"))).value != "ya29.a0"
        )

    def test_self_signed(self, environ: dict[str, str], put: Callable[[Any], str]) -> None:
        """For the API as audience, or for scopes; no server is asked."""
        path = put(KEY.to_json())
        plain = load(path, self_signed=True, environ=environ).credentials
        scoped = load(path, ["tuning"], self_signed=True, environ=environ).credentials
        claims = jwt.decode(play(plain.source.token()).value).claims
        assert claims["aud"] == f"{GOOGLE.gemini}/"
        assert jwt.decode(play(scoped.source.token()).value).claims["scope"] == scopes.TUNING
        assert (plain.scopes, scoped.scopes) == ((), (scopes.TUNING,))

    @pytest.mark.parametrize("body", [USER, ACTING, OUTSIDER])
    def test_only_a_key(
        self, environ: dict[str, str], put: Callable[[Any], str], body: dict[str, Any]
    ) -> None:
        """A person cannot be asked to sign, or to be another person."""
        with pytest.raises(UsageError, match="--subject takes a service account's key"):
            load(put(body), subject="ada@x", environ=environ)
        with pytest.raises(UsageError, match="--self-signed takes a service account's key"):
            load(put(body), self_signed=True, environ=environ)


class TestOutside:
    def test_a_person(self, environ: dict[str, str], put: Callable[[Any], str]) -> None:
        """What the file grants; an emulator's goes to the address that was asked for."""
        mine = load(put(OUTSIDER), quota_project="billed", environ=environ).credentials
        assert (mine.kind, mine.quota_project) == ("external_account_authorized_user", "billed")
        assert play(mine.source.token(), (Send, tokens())).value == "ya29.a0"
        local = {**OUTSIDER, "token_url": "http://127.0.0.1:1/token", "refresh_token": "1//emu-r"}
        path = put(local)
        moved = load(path, emulator="http://127.0.0.1:2", environ=environ).credentials

        def refresh(step: Send) -> Response:
            assert sent(step).url == "http://127.0.0.1:2/token"
            return tokens(access_token="ya29.emu-x")

        play(moved.source.token(), (Send, refresh))

    def test_a_workload(
        self,
        environ: dict[str, str],
        put: Callable[[Any], str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """The service account that it acts as is its account; no foreign URL is taken."""
        monkeypatch.setattr(external, "find_spec", lambda name: name)
        mine = load(put(WORKLOAD), environ=environ).credentials
        assert (mine.kind, mine.account, mine.quota_project) == (
            "external_account",
            None,
            "workloads",
        )
        robot = {**WORKLOAD, "service_account_impersonation_url": f"{URL}:generateAccessToken"}
        assert load(put(robot), environ=environ).credentials.account == ROBOT
        acting = load(put(robot), impersonate="next@x", environ=environ).credentials
        assert acting.account == "next@x"
        for name in ("token_url", "service_account_impersonation_url", "token_info_url"):
            with pytest.raises(UsageError, match="neither Google's"):
                load(put({**robot, name: "https://evil.example/v1/token"}), environ=environ)
        with pytest.raises(CredentialError, match="not sent to an emulator"):
            load(put(WORKLOAD), emulator=EMULATOR.gemini, environ=environ)


ADA = "ada@example.com"
SEED = {
    "accounts": [{"email": ADA}],
    "projects": [
        {
            "projectId": "my-project",
            "owner": ADA,
            "services": [
                "generativelanguage.googleapis.com",
                "iam.googleapis.com",
                "iamcredentials.googleapis.com",
            ],
            "consentScreen": {"appName": "Demo", "supportEmail": ADA},
            "testUsers": [ADA],
            "clients": [{"kind": "desktop", "name": "cli"}],
        }
    ],
}


class TestAgainstTheEmulator:
    """Real sockets: who the server saw, with which scopes."""

    @pytest.fixture
    def server(self) -> Iterator[EmulatorServer]:
        """An emulator with a project, its owner and a client."""
        with EmulatorServer() as server:
            self.client = server.control.seed(SEED)["clients"][0]["file"]["installed"]
            yield server

    def _user(self, server: EmulatorServer) -> dict[str, Any]:
        made = server.control.create_grant(
            ADA, client_id=self.client["client_id"], scopes=["cloud-platform", "tuning"]
        )
        secrets = {name: self.client[name] for name in ("client_id", "client_secret")}
        return {**USER, **secrets, "refresh_token": made["refresh_token"], "quota_project_id": None}

    def _robot(self, server: EmulatorServer, path: str, environ: dict[str, str]) -> str:
        """Make a service account as the person."""
        person = load(path, environ=environ, emulator=server.address).credentials
        with gemauth.Gemini(person) as api:
            made = api.request(
                "POST",
                f"{server.address}/v1/projects/my-project/serviceAccounts",
                body=b'{"accountId": "robot-1"}',
                content_type=JSON,
            )
        return str(made.json()["email"])

    def test_acting(
        self, server: EmulatorServer, environ: dict[str, str], put: Callable[[Any], str]
    ) -> None:
        """By a file and by an option: the API sees the service account with its scopes."""
        user = self._user(server)
        path = put(user)
        robot = self._robot(server, path, environ)
        with pytest.raises(StatusError) as caught:
            load(
                path, impersonate=robot, environ=environ, emulator=server.address
            ).credentials.token()
        assert "roles/iam.serviceAccountTokenCreator" in (caught.value.next_step or "")
        role = "roles/iam.serviceAccountTokenCreator"
        server.control.add_binding("my-project", role, f"user:{ADA}")
        by_option = load(
            path, ["tuning"], impersonate=robot, environ=environ, emulator=server.address
        ).credentials
        url = f"{URL.replace(ROBOT, robot)}:generateAccessToken"
        file = put(
            {
                **ACTING,
                "source_credentials": user,
                "delegates": [],
                "service_account_impersonation_url": url,
                "scopes": [scopes.TUNING],
            }
        )
        by_file = load(file, environ=environ, emulator=server.address).credentials
        for credentials in (by_option, by_file):
            with gemauth.Gemini(credentials) as api:
                list(api.tuned_models.list())
            seen = server.control.requests()[-1]
            assert (seen["principal"], seen["scopes"]) == (robot, [scopes.TUNING])
            assert seen["credential"] == "service_account"

    def test_a_token_that_was_given(
        self, server: EmulatorServer, environ: dict[str, str], put: Callable[[Any], str]
    ) -> None:
        """Another program's token; when it is over, so is this."""
        path = put(self._user(server))
        token = load(path, environ=environ, emulator=server.address).credentials.token().value
        given = gemauth.from_token(token, emulator=server.address, environ={}).credentials
        request = Request("GET", f"{server.address}/v1beta/models")
        assert given.authorize(request).headers["Authorization"] == f"Bearer {token}"
        with gemauth.Gemini(given) as api:
            assert list(api.models.list())

    def test_a_person_of_another_provider(
        self, server: EmulatorServer, environ: dict[str, str], put: Callable[[Any], str]
    ) -> None:
        """The file that the emulator writes for official libraries is read here too."""
        made = server.control.create_credentials(ADA)
        found = load(put(made["file"]), environ=environ).credentials
        assert found.kind == "external_account_authorized_user"
        with gemauth.Gemini(found) as api:
            list(api.tuned_models.list())
        assert server.control.requests()[-1]["principal"] == ADA
