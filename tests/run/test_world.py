from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from gemauth.client.calls.refusal import ResourceNotFoundError
from gemauth.client.target import of_key
from gemauth.errors import NotFoundError
from gemauth.google import scopes
from gemauth.google.credentials import ServiceAccountKey
from gemauth.google.status import StatusError
from gemauth.run.world import PERSON, PROJECT, SERVICES, Wanted, prepared
from gemauth.testing.emulator import EmulatorServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gemauth.client.control import Control
    from gemauth.run.world import World

JOINED = Wanted(own=False)
SEED: dict[str, Any] = {
    "accounts": [{"email": "eve@example.com"}, {"email": "ada@example.com"}],
    "projects": [
        {
            "projectId": "my-project",
            "owner": "ada@example.com",
            "services": ["generativelanguage.googleapis.com"],
            "consentScreen": {"appName": "Demo", "supportEmail": "ada@example.com"},
            "testUsers": ["ada@example.com"],
            "clients": [{"kind": "desktop", "name": "cli"}],
        }
    ],
}


@pytest.fixture
def emulator() -> Iterator[EmulatorServer]:
    """An emulator that holds nothing."""
    with EmulatorServer() as server:
        yield server


@pytest.fixture
def shared(emulator: EmulatorServer) -> EmulatorServer:
    """An emulator that others have set up."""
    emulator.control.seed(SEED)
    return emulator


def make(
    emulator: EmulatorServer, wanted: Wanted | None = None, seed: dict[str, Any] | None = None
) -> World:
    """What a run finds, after the run."""
    with prepared(emulator.control, emulator.address, wanted or Wanted(), seed) as world:
        return world


def held(control: Control) -> dict[str, object]:
    """What an emulator holds, as far as a run could add to it."""
    clients = [
        client["clientId"]
        for project in control.projects()
        for client in control.clients(project["projectId"])
        if client["state"] != "deleted"
    ]
    return {
        "projects": [project["projectId"] for project in control.projects()],
        "accounts": [account["email"] for account in control.accounts()],
        "clients": clients,
    }


def test_an_empty_emulator_becomes_ready(emulator: EmulatorServer) -> None:
    """A project with its APIs on, its app in testing, its owner a tester who has signed in"""
    world = make(emulator)
    control = emulator.control
    assert (world.project, world.person) == (PROJECT, PERSON)
    on = {service["service"] for service in control.services(PROJECT)}
    assert {*SERVICES} <= on
    assert control.consent_screen(PROJECT)["publishingStatus"] == "testing"
    assert [user["email"] for user in control.test_users(PROJECT)] == [PERSON]
    assert world.credentials is not None
    assert world.credentials["type"] == "authorized_user"
    assert world.client is not None
    assert world.credentials["client_id"] == world.client.client_id
    assert world.credentials["refresh_token"] not in repr(world)


def test_the_client_file_is_as_googles_console_writes_it(emulator: EmulatorServer) -> None:
    """Its addresses are Google's: the program is led to the emulator by other means"""
    world = make(emulator)
    assert world.client is not None
    installed = world.client.to_json()["installed"]
    assert installed["auth_uri"] == "https://accounts.google.com/o/oauth2/auth"
    assert installed["token_uri"] == "https://oauth2.googleapis.com/token"
    assert installed["project_id"] == PROJECT


def test_names_are_taken(emulator: EmulatorServer) -> None:
    """Project, person and who consents, both of them testers"""
    wanted = Wanted(project="other-one", person="ada@example.com", auto_consent="bob@example.com")
    world = make(emulator, wanted)
    assert (world.project, world.person) == ("other-one", "ada@example.com")
    users = [user["email"] for user in emulator.control.test_users("other-one")]
    assert sorted(users) == ["ada@example.com", "bob@example.com"]
    assert make(emulator, Wanted(project="third-one")).project == "third-one"


def test_who_consents_is_the_person_where_no_other_is_named(emulator: EmulatorServer) -> None:
    """--auto-consent alone is enough to say who"""
    wanted = Wanted("none", auto_consent="bob@example.com")
    world = make(emulator, wanted)
    assert world.person == "bob@example.com"
    assert world.credentials is None
    assert world.client is not None


def test_a_seed_decides_what_is_there(emulator: EmulatorServer) -> None:
    """Its project, its first test user and its desktop client; nothing is added to it"""
    world = make(emulator, seed=SEED)
    assert (world.project, world.person) == ("my-project", "ada@example.com")
    (client,) = emulator.control.clients("my-project")
    assert world.client is not None
    assert client["clientId"] == world.client.client_id


def test_a_seeds_app_is_not_opened_to_others(emulator: EmulatorServer) -> None:
    """Somebody whom its author did not make a tester stays none, and gets a client to see it by"""
    wanted = Wanted("none", auto_consent="eve@example.com")
    make(emulator, wanted, SEED)
    (user,) = emulator.control.test_users("my-project")
    assert user["email"] == "ada@example.com"


@pytest.mark.parametrize("credentials", ["person", "none"])
def test_others_find_their_emulator_as_it_was(shared: EmulatorServer, credentials: Any) -> None:
    """What a run adds to an emulator that it has joined is taken away at the end"""
    before = held(shared.control)
    wanted = replace(JOINED, credentials=credentials)
    with prepared(shared.control, shared.address, wanted) as world:
        assert world.project == "my-project"
        assert world.person == "ada@example.com"
        assert held(shared.control) != before
    assert held(shared.control) == before


def test_a_kept_emulator_is_as_it_was_too(emulator: EmulatorServer) -> None:
    """With --data, runs do not pile up clients"""
    make(emulator, Wanted(keeps=True))
    before = held(emulator.control)
    make(emulator, Wanted(keeps=True))
    assert held(emulator.control) == before


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (Wanted(project="absent-project", own=False), "has no project absent-project"),
        (Wanted(person="nobody@example.com", own=False), "nobody@example.com"),
        (Wanted(auto_consent="nobody@example.com", own=False), "nobody@example.com"),
    ],
)
def test_what_is_named_must_be_there(shared: EmulatorServer, wanted: Wanted, message: str) -> None:
    """In an emulator of others nothing is made for a mistyped name"""
    before = held(shared.control)
    with pytest.raises((NotFoundError, ResourceNotFoundError), match=message):
        make(shared, wanted)
    assert held(shared.control) == before


def test_an_empty_emulator_of_others_is_not_filled(emulator: EmulatorServer) -> None:
    """The next step says how to see what it has"""
    with pytest.raises(NotFoundError, match="has no project") as refused:
        make(emulator, JOINED)
    assert refused.value.next_step is not None


def test_nobody_can_sign_in_without_a_consent_screen(emulator: EmulatorServer) -> None:
    """Where others have none, a run with no credentials still works"""
    emulator.control.create_account("ada@example.com")
    emulator.control.create_project("my-project", owner="ada@example.com")
    with pytest.raises(NotFoundError, match="no OAuth consent screen"):
        make(emulator, JOINED)
    assert make(emulator, replace(JOINED, credentials="none")).client is None


ROBOT = Wanted("service-account", service_account="my-robot")
EMAIL = f"my-robot@{PROJECT}.iam.gserviceaccount.com"


def test_a_service_account_with_a_key(emulator: EmulatorServer) -> None:
    """Is made where it is missing; a second run makes a second key of the same account"""
    keys = set()
    for _ in range(2):
        world = make(emulator, ROBOT)
        assert world.service_account == EMAIL
        assert not world.metadata
        assert world.credentials is not None
        assert world.credentials["client_email"] == EMAIL
        assert world.credentials["token_uri"] == "https://oauth2.googleapis.com/token"
        assert of_key(ServiceAccountKey.from_json(world.credentials))
        keys.add(world.credentials["private_key_id"])
    assert len(keys) == 2


def test_a_service_account_by_the_metadata_server(emulator: EmulatorServer) -> None:
    """The machine is given the account with the wanted scopes"""
    world = make(emulator, replace(ROBOT, attach="metadata"))
    assert (world.metadata, world.credentials) == (True, None)
    machine = emulator.control.call("GET", "metadata")
    assert machine["serviceAccount"] == EMAIL
    assert tuple(machine["scopes"]) == scopes.DEFAULT


def test_a_joined_emulator_loses_keys_and_machine_at_the_end(emulator: EmulatorServer) -> None:
    """Eleven runs do not meet the limit of ten keys; a machine of others comes back"""
    make(emulator, ROBOT)
    joined = replace(ROBOT, own=False)
    for _ in range(11):
        make(emulator, joined)
    make(emulator, replace(joined, attach="metadata"))
    with pytest.raises(ResourceNotFoundError):
        emulator.control.call("GET", "metadata")
    before = emulator.control.call(
        "PUT", "metadata", body={"serviceAccount": EMAIL, "platform": "cloud-run"}
    )
    make(emulator, replace(joined, attach="metadata"))
    assert emulator.control.call("GET", "metadata") == before


def test_a_service_account_that_others_have_not_made(shared: EmulatorServer) -> None:
    """Is not made for them"""
    with pytest.raises(ResourceNotFoundError, match="nobody@"):
        make(shared, Wanted("service-account", service_account="nobody", own=False))


def test_an_impossible_name_is_refused(emulator: EmulatorServer) -> None:
    """As IAM refuses it"""
    with pytest.raises(StatusError, match="accountId"):
        make(emulator, Wanted("service-account", service_account="x"))
