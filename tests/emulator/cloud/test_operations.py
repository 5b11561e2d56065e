from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gemauth.google.scopes import CLOUD_PLATFORM

if TYPE_CHECKING:
    from tests.emulator.cloud.conftest import Api

MANAGER, USAGE = "cloudresourcemanager.googleapis.com", "serviceusage.googleapis.com"


def enabled(api: Api) -> str:
    """The name of an operation of Service Usage."""
    path = "/v1/projects/demo-project/services/sts.googleapis.com:enable"
    return str(api.ok("POST", path, {})["name"])


def created(api: Api) -> str:
    """The name of an operation of Resource Manager."""
    return str(api.ok("POST", "/v3/projects", {"projectId": "made-by-api"})["name"])


def test_on_loopback_the_name_tells_whose_it_is(api: Api) -> None:
    """Both services' operations are read at one path; Resource Manager's in v3 too."""
    for name in (enabled(api), created(api)):
        assert api.ok("GET", f"/v1/{name}")["done"] is True
    assert api.ok("GET", f"/v3/{created_again(api)}")["done"] is True


def created_again(api: Api) -> str:
    """The name of one more operation of Resource Manager."""
    return str(api.ok("POST", "/v3/projects", {"projectId": "made-again"})["name"])


@pytest.mark.parametrize(
    ("host", "usage", "manager"),
    [(USAGE, 200, 404), (MANAGER, 404, 200), ("iam.googleapis.com", 404, 404)],
)
def test_on_googles_hosts_the_host_tells(api: Api, host: str, usage: int, manager: int) -> None:
    """A service answers for its own operations; the other's it does not know."""
    names = enabled(api), created(api)
    headers = {"Authorization": f"Bearer {api.place.token('owner@example.com', CLOUD_PLATFORM)}"}
    statuses = tuple(
        api.client.get(f"https://{host}/v1/{name}", headers=headers).status_code for name in names
    )
    assert statuses == (usage, manager)


def test_an_operation_that_nobody_started(api: Api) -> None:
    """It is 404 with its name, and its name in full."""
    for name in ("operations/cp.1", "operations/acat.p2-1"):
        status, body = api.call("GET", f"/v1/{name}")
        assert status == 404
        assert body["error"]["message"] == f"Operation {name} not found."
