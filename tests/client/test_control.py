from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gemauth.client.calls.refusal import ResourceNotFoundError
from gemauth.client.control import Control
from gemauth.emulator.control.methods import METHODS
from gemauth.errors import UnreachableError, UsageError
from gemauth.google.client_secret import ClientSecret
from gemauth.google.status import Code, StatusError
from gemauth.http import Headers, Response
from gemauth.testing.emulator import EmulatorServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gemauth.http import Request

ADA = "ada@example.com"


@pytest.fixture
def control() -> Iterator[Control]:
    """A client of an emulator that holds nothing."""
    with EmulatorServer() as emulator, Control(emulator.address) as control:
        yield control


class Recorder:
    """A transport that notes what is sent and answers what it is told."""

    def __init__(self, response: Response) -> None:
        self.response = response
        self.sent: list[tuple[str, str]] = []

    def send(self, request: Request, timeout: float | None = None) -> Response:
        """Note a request."""
        self.sent.append((request.method, request.url))
        return self.response

    def close(self) -> None:
        """Nothing to close."""


def test_a_whole_set_up(control: Control) -> None:
    """Every method does at the emulator what its name says"""
    control.create_account(ADA, name="Ada")
    control.create_account("bob@corp.example.com", workspace=True)
    assert [a.get("domain") for a in control.accounts()] == [None, "corp.example.com"]
    control.create_group("team@example.com", members=[ADA])
    control.add_member("team@example.com", "bob@corp.example.com")
    control.remove_member("team@example.com", ADA)
    assert control.groups()[0]["members"] == ["bob@corp.example.com"]

    control.create_project("my-project", name="Mine", owner=ADA)
    control.create_project("corp-project", organization="corp.example.com")
    assert [p["name"] for p in control.projects()] == ["Mine", "corp-project"]
    assert control.project("my-project")["state"] == "ACTIVE"
    control.enable_service("my-project", "generativelanguage")
    control.enable_service("my-project", "iam")
    control.disable_service("my-project", "iam")
    services = [s["service"] for s in control.services("my-project")]
    assert "generativelanguage.googleapis.com" in services
    assert "iam.googleapis.com" not in services
    control.add_binding("my-project", "roles/viewer", "group:team@example.com")
    control.add_binding("my-project", "roles/editor", "group:team@example.com")
    control.remove_binding("my-project", "roles/editor", "group:team@example.com")
    assert [b["role"] for b in control.bindings("my-project")] == ["roles/owner", "roles/viewer"]

    control.set_consent_screen("my-project", app_name="Demo", support_email=ADA, scopes=["tuning"])
    assert control.consent_screen("my-project")["appName"] == "Demo"
    control.add_test_user("my-project", ADA)
    control.add_test_user("my-project", "bob@corp.example.com")
    control.remove_test_user("my-project", "bob@corp.example.com")
    assert [u["email"] for u in control.test_users("my-project")] == [ADA]

    made = control.create_client("my-project", "cli")
    client_id = ClientSecret.from_json(made["file"]).client_id
    control.create_client(
        "my-project", "site", kind="web", redirect_uris=["http://localhost:3000/"]
    )
    assert [c["name"] for c in control.clients("my-project")] == ["cli", "site"]
    assert control.disable_client(client_id)["state"] == "disabled"
    assert control.enable_client(client_id)["state"] == "active"
    assert ClientSecret.from_json(control.add_secret(client_id)["file"]).client_id == client_id
    assert len(control.client(client_id)["secrets"]) == 2
    assert control.delete_client(client_id)["state"] == "deleted"

    key = control.create_api_key("my-project", "ci")
    assert [k["uid"] for k in control.api_keys("my-project")] == [key["uid"]]
    control.delete_api_key(key["uid"])
    assert control.api_keys("my-project") == []

    control.create_tuned_model(
        "m", owner=ADA, project="my-project", resource={"displayName": "Model"}
    )
    assert control.tuned_models()[0]["resource"]["displayName"] == "Model"
    control.delete_tuned_model("tunedModels/m")
    assert control.tuned_models() == []

    control.delete_group("team@example.com")
    control.delete_account("bob@corp.example.com")
    control.delete_project("my-project")
    assert control.status()["accounts"] == 1
    assert control.seed({"accounts": [{"email": ADA}]})["created"] == []


def test_parts_of_a_path_are_encoded() -> None:
    """A name with a slash or a question mark stays one part of the path"""
    recorder = Recorder(Response(200, Headers(), b"{}"))
    control = Control("http://127.0.0.1:1", transport=recorder)  # type: ignore[arg-type]
    control.delete_account("a/b?c@example.com")
    assert recorder.sent == [
        ("DELETE", "http://127.0.0.1:1/_emulator/v1/accounts/a%2Fb%3Fc%40example.com")
    ]


def test_refusals_are_errors_of_the_one_tree(control: Control) -> None:
    """A refusal is a StatusError with the emulator's text; an unknown name is a NotFoundError"""
    with pytest.raises(StatusError, match=r"email: must be an e-mail address") as caught:
        control.create_account("x")
    assert caught.value.status.code is Code.INVALID_ARGUMENT
    with pytest.raises(ResourceNotFoundError, match="There is no project nope"):
        control.project("nope")


def test_an_emulator_that_is_not_there_is_named() -> None:
    """Where nothing listens the error names the address and how to start one"""
    with EmulatorServer() as emulator:
        address = emulator.address
    with Control(address) as control, pytest.raises(UnreachableError, match=address) as caught:
        control.status()
    assert caught.value.next_step == "Start one: gemauth emulator start"


def test_another_server_is_told_apart() -> None:
    """An answer that no emulator gives is not taken for a refusal"""
    for body in (b"{}", b"<html>"):
        recorder = Recorder(Response(500, Headers(), body))
        control = Control("http://127.0.0.1:1", transport=recorder)  # type: ignore[arg-type]
        with pytest.raises(UnreachableError):
            control.status()


@pytest.mark.parametrize(
    "address", ["https://127.0.0.1:1", "http://example.com", "127.0.0.1:1", "http://10.0.0.1"]
)
def test_only_an_emulators_address_is_taken(address: str) -> None:
    """The control API is plain http on loopback; any other address is a usage error"""
    with pytest.raises(UsageError):
        Control(address)


def test_there_is_a_method_for_every_method() -> None:
    """The client calls as many methods as the emulator has, except those that show one person or
    group, which lists show as well.
    """
    public = [n for n in vars(Control) if not n.startswith("_") and n not in {"call", "close"}]
    left_out = {"/accounts/{email}", "/groups/{email}"}
    served = [m for m in METHODS if not (m.verb == "GET" and m.path in left_out)]
    assert len(public) == len(served)
