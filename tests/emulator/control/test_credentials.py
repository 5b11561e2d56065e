from __future__ import annotations

from typing import Any

import pytest

from gemauth.emulator.storage.records import (
    AccessToken,
    Grant,
    OAuthClient,
    ServiceAccount,
    ServiceAccountKey,
)
from gemauth.google.client_secret import GCLOUD_CLIENT_ID
from gemauth.google.scopes import DEFAULT, TUNING
from tests.emulator.control.conftest import ADDRESS, Room

ADA = "ada@example.com"
ROBOT = "robot@my-project.iam.gserviceaccount.com"
SCREEN = {"appName": "Demo", "supportEmail": ADA, "userType": "external"}


@pytest.fixture
def app(room: Room) -> Room:
    """Ada, a tester of the app of my-project."""
    room.do("POST", "/accounts", {"email": ADA})
    project(room, "my-project")
    return room


def project(room: Room, name: str) -> None:
    """Make a project with an app that Ada tests."""
    room.do("POST", "/projects", {"projectId": name, "owner": ADA})
    room.do("PUT", f"/projects/{name}/consent-screen", SCREEN)
    room.do("PUT", f"/projects/{name}/test-users/{ADA}")


def create(room: Room, **members: Any) -> dict[str, Any]:
    """Make credentials for Ada."""
    return room.do("POST", "/credentials", {"account": ADA, **members})


def refusal(room: Room, **members: Any) -> tuple[str, str]:
    """Return how credentials for Ada are refused; nothing of them may be left."""
    before = len(room.all(OAuthClient)), len(room.all(Grant))
    refused = room.refused("POST", "/credentials", {"account": ADA, **members})
    assert (len(room.all(OAuthClient)), len(room.all(Grant))) == before
    return refused


class TestPerson:
    def test_file(self, app: Room) -> None:
        """The file names this emulator's endpoints and no other host; no workforce pool."""
        answer = create(app)
        assert answer["scopes"] == list(DEFAULT)
        assert answer["projectId"] == "my-project"
        file = answer["file"]
        assert file["type"] == "external_account_authorized_user"
        assert file["audience"] == "emulator"
        assert file["token_url"] == f"{ADDRESS}/v1/oauthtoken"
        assert file["revoke_url"] == f"{ADDRESS}/v1/revoke"
        assert file["client_id"] == answer["clientId"]
        assert "quota_project_id" not in file

    def test_consent_is_recorded(self, app: Room) -> None:
        """There is a grant of Ada's to the client, and the client is one of the project's."""
        answer = create(app, scopes=["tuning"])
        (grant,) = app.all(Grant)
        assert (grant.client_id, grant.scopes) == (answer["clientId"], (TUNING,))
        (client,) = app.do("GET", "/projects/my-project/clients")["clients"]
        assert client["kind"] == "desktop"
        assert ADA in client["name"]

    def test_given_client(self, app: Room) -> None:
        """A client that is named is used, and none is made."""
        made = app.do("POST", "/projects/my-project/clients", {"kind": "desktop", "name": "cli"})
        secret = made["file"]["installed"]["client_secret"]
        answer = create(app, clientId=made["clientId"], clientSecret=secret)
        assert answer["file"]["client_secret"] == secret
        assert [
            client.client_id for client in app.all(OAuthClient) if client.kind == "desktop"
        ] == [made["clientId"]]

    def test_quota_project(self, app: Room) -> None:
        """The quota project is in the file, and has the new client."""
        project(app, "other-project")
        answer = create(app, quotaProject="other-project")
        assert answer["file"]["quota_project_id"] == answer["projectId"] == "other-project"
        assert app.do("GET", f"/clients/{answer['clientId']}")["projectId"] == "other-project"

    def test_openid(self, app: Room) -> None:
        """Also where the first id token is due: its signing keys are made then."""
        assert "openid" in create(app, scopes=["openid", "email"])["scopes"]

    def test_access_tokens(self, app: Room) -> None:
        """The answer has no access token: the file is spent as a sign-in's would be."""
        answer = create(app)
        assert len(app.all(AccessToken)) == 1
        assert "ya29" not in str(answer)


class TestPersonRefused:
    def test_not_a_tester(self, app: Room) -> None:
        """Who is no test user would be refused at the first refresh, so is at once."""
        app.do("DELETE", f"/projects/my-project/test-users/{ADA}")
        status, message = refusal(app)
        assert status == "FAILED_PRECONDITION"
        assert f"gemauth emulator test-users add my-project {ADA}" in message

    def test_other_organization(self, app: Room) -> None:
        """An internal app is not open to others."""
        screen = {**SCREEN, "userType": "internal"}
        app.do("POST", "/accounts", {"email": "boss@corp.example", "workspace": True})
        body = {"projectId": "corp-project", "owner": "boss@corp.example",
                "organization": "corp.example"}  # fmt: skip
        app.do("POST", "/projects", body)
        app.do("PUT", "/projects/corp-project/consent-screen", screen)
        status, message = refusal(app, quotaProject="corp-project")
        assert status == "FAILED_PRECONDITION"
        assert "internal" in message

    def test_which_project(self, app: Room) -> None:
        """Of two projects one has to be named."""
        project(app, "other-project")
        status, message = refusal(app)
        assert status == "FAILED_PRECONDITION"
        assert "my-project, other-project" in message
        assert "--quota-project" in message

    def test_no_project(self, room: Room) -> None:
        """Without an app there is nothing to consent to."""
        room.do("POST", "/accounts", {"email": ADA})
        assert "none here" in refusal(room)[1]

    def test_wrong_secret(self, app: Room) -> None:
        """A client file whose secret is another's would be refused at every refresh."""
        made = app.do("POST", "/projects/my-project/clients", {"kind": "desktop", "name": "cli"})
        status, message = refusal(app, clientId=made["clientId"], clientSecret="GOCSPX-emu-x")
        assert status == "FAILED_PRECONDITION"
        assert "GOCSPX" not in message

    def test_disabled_client(self, app: Room) -> None:
        """A disabled client gets no consent."""
        made = app.do("POST", "/projects/my-project/clients", {"kind": "desktop", "name": "cli"})
        app.do("POST", f"/clients/{made['clientId']}/disable")
        secret = made["file"]["installed"]["client_secret"]
        status, message = refusal(app, clientId=made["clientId"], clientSecret=secret)
        assert status == "FAILED_PRECONDITION"
        assert "disabled" in message

    def test_googles_own_client(self, app: Room) -> None:
        """Google's own client is for `grants create`."""
        status, message = refusal(app, clientId=GCLOUD_CLIENT_ID, clientSecret="public")
        assert status == "INVALID_ARGUMENT"
        assert "gemauth emulator grants create" in message

    @pytest.mark.parametrize("lonely", [{"clientId": "x"}, {"clientSecret": "x"}])
    def test_half_a_client(self, app: Room, lonely: dict[str, str]) -> None:
        """Id and secret go together."""
        assert "both or neither" in refusal(app, **lonely)[1]

    def test_unknown_names(self, app: Room) -> None:
        """A misspelt scope, project and person are each named."""
        assert "scopes" in refusal(app, scopes=["tunning"])[1]
        assert refusal(app, quotaProject="nowhere-project")[0] == "NOT_FOUND"
        assert refusal(app, account="bob@example.com")[0] == "NOT_FOUND"


class TestServiceAccount:
    @pytest.fixture
    def robot(self, app: Room) -> Room:
        """A service account of my-project."""
        app.add(
            ServiceAccount(
                "1" + "0" * 20, "my-project", ROBOT, "", "", disabled=False, deleted_at=None,
                etag="e", created_at=0.0,
            )
        )  # fmt: skip
        return app

    def test_key(self, robot: Room) -> None:
        """The file has the private half of the key whose public half is kept."""
        answer = robot.do("POST", f"/service-accounts/{ROBOT}/keys")
        (kept,) = robot.all(ServiceAccountKey)
        assert answer["account"] == ROBOT
        assert answer["projectId"] == "my-project"
        assert answer["file"]["private_key_id"] == kept.key_id
        assert answer["file"]["token_uri"] == f"{ADDRESS}/token"
        assert kept.private_pem is None

    def test_disabled(self, robot: Room) -> None:
        """A disabled account's key would be refused."""
        robot.change(ServiceAccount, "1" + "0" * 20, disabled=True)
        status, _ = robot.refused("POST", f"/service-accounts/{ROBOT}/keys")
        assert status == "FAILED_PRECONDITION"

    def test_unknown(self, app: Room) -> None:
        """An address that no service account has is named."""
        status, message = app.refused("POST", f"/service-accounts/{ROBOT}/keys")
        assert status == "NOT_FOUND"
        assert ROBOT in message
