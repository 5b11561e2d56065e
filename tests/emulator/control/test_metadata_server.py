from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gemauth.emulator.storage.records import ServiceAccount
from gemauth.google.scopes import CLOUD_PLATFORM, GEMINI

if TYPE_CHECKING:
    from tests.emulator.control.conftest import Room

ROBOT = "robot@my-project.iam.gserviceaccount.com"


@pytest.fixture
def garage(lab: Room) -> Room:
    """The lab with a service account."""
    now = lab.clock.now()
    lab.add(
        ServiceAccount("1" * 21, "my-project", ROBOT, "", "", False, None, "e", now)  # noqa: FBT003
    )
    return lab


def test_set_show_clear(garage: Room) -> None:
    """A machine is set, shown, replaced and taken away."""
    assert garage.refused("GET", "/metadata")[0] == "NOT_FOUND"
    body = {
        "serviceAccount": ROBOT.upper(),
        "scopes": ["generative-language", CLOUD_PLATFORM],
        "attributes": {"cluster-name": "c1"},
    }
    made = garage.do("PUT", "/metadata", body)
    assert made == {
        "serviceAccount": ROBOT,
        "scopes": [GEMINI, CLOUD_PLATFORM],
        "project": "my-project",
        "platform": "compute-engine",
        "attributes": {"cluster-name": "c1"},
    }
    assert garage.do("GET", "/metadata") == made
    assert garage.do("PUT", "/metadata", {"serviceAccount": ROBOT})["attributes"] == {}
    assert garage.do("DELETE", "/metadata") == {}
    assert garage.refused("GET", "/metadata")[0] == "NOT_FOUND"
    assert garage.do("DELETE", "/metadata") == {}


def test_the_default_scopes_lack_gemini(garage: Room) -> None:
    """A machine that was made without a choice cannot call the Gemini API; Cloud Run can ask."""
    scopes = garage.do("PUT", "/metadata", {"serviceAccount": ROBOT})["scopes"]
    assert scopes
    assert not any("generative-language" in scope or "cloud-platform" in scope for scope in scopes)
    run = garage.do("PUT", "/metadata", {"serviceAccount": ROBOT, "platform": "cloud-run"})
    assert run["scopes"] == [CLOUD_PLATFORM]


def test_a_machine_without_an_account(garage: Room) -> None:
    """It only has a project, which may be named by its number."""
    number = garage.do("GET", "/projects/my-project")["projectNumber"]
    made = garage.do("PUT", "/metadata", {"project": number})
    assert made == {"project": "my-project", "platform": "compute-engine", "attributes": {}}


def test_the_accounts_project_may_be_another(garage: Room) -> None:
    """A machine may run in another project than its service account's."""
    garage.do("POST", "/projects", {"projectId": "other-project"})
    made = garage.do("PUT", "/metadata", {"serviceAccount": ROBOT, "project": "other-project"})
    assert made["project"] == "other-project"


def test_an_account_that_is_gone_has_no_name(garage: Room) -> None:
    """What was attached may be removed from the store; the machine is still shown."""
    garage.do("PUT", "/metadata", {"serviceAccount": ROBOT})
    garage.remove(ServiceAccount, "1" * 21)
    assert garage.do("GET", "/metadata")["serviceAccount"] == ""


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({}, "serviceAccount: is required, or a project"),
        ({"serviceAccount": "nobody@example.com"}, "nobody@example.com does not exist"),
        ({"project": "no-project"}, "no-project does not exist"),
        ({"serviceAccount": ROBOT, "scopes": ["nonsense"]}, "'nonsense' is no scope"),
        ({"serviceAccount": ROBOT, "platform": "aws"}, "platform: must be one of"),
        ({"serviceAccount": ROBOT, "attributes": {"a/b": "c"}}, "attributes: must be texts"),
        ({"serviceAccount": ROBOT, "attributes": {"a": 1}}, "attributes: must be texts"),
        ({"serviceAccount": ROBOT, "atributes": {}}, "atributes: is not known here"),
    ],
)
def test_what_is_wrong(garage: Room, body: dict[str, object], problem: str) -> None:
    """Every member is checked, and nothing is kept."""
    status, message = garage.refused("PUT", "/metadata", body)
    assert status == "INVALID_ARGUMENT"
    assert problem in message
    assert garage.refused("GET", "/metadata")[0] == "NOT_FOUND"
