"""Service Usage v1 (google-oauth.md section 5.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.emulator.cloud.conftest import Api

GEMINI = "generativelanguage.googleapis.com"
SERVICES = "/v1/projects/demo-project/services"


def test_enabling_answers_a_finished_operation_once(api: Api) -> None:
    """A second time it is `noop.DONE_OPERATION`, and the first can be read again."""
    first = api.ok("POST", f"{SERVICES}/sts.googleapis.com:enable", {})
    assert first["done"]
    assert first["name"].startswith("operations/acat.p2-")
    assert first["response"]["@type"].endswith("google.api.serviceusage.v1.EnableServiceResponse")
    assert first["response"]["service"]["state"] == "ENABLED"
    assert api.ok("GET", f"/v1/{first['name']}") == first
    again = api.ok("POST", f"{SERVICES}/sts.googleapis.com:enable", {})
    assert again["name"] == "operations/noop.DONE_OPERATION"


def test_the_names_carry_the_projects_number(api: Api) -> None:
    """`projects/NUM/services/api`, whatever the path said."""
    service = api.ok("GET", f"{SERVICES}/{GEMINI}")
    number = service["parent"].removeprefix("projects/")
    assert number.isdigit()
    assert service["name"] == f"projects/{number}/services/{GEMINI}"
    assert service["config"] == {"name": GEMINI, "title": "Generative Language API"}
    assert api.ok("GET", f"/v1/projects/{number}/services/{GEMINI}") == service


def test_disabling_shows_in_the_lists(api: Api) -> None:
    """The filters split the services by state."""
    api.ok("POST", f"{SERVICES}/{GEMINI}:disable", {})
    enabled = api.ok("GET", f"{SERVICES}?filter=state:ENABLED")["services"]
    disabled = api.ok("GET", f"{SERVICES}?filter=state:DISABLED")["services"]
    assert GEMINI not in {s["config"]["name"] for s in enabled}
    assert GEMINI in {s["config"]["name"] for s in disabled}
    assert {s["state"] for s in enabled} == {"ENABLED"}


def test_several_are_enabled_and_read_at_once(api: Api) -> None:
    """BatchEnable takes 1 to 20, batchGet names."""
    ids = ["sts.googleapis.com", "iamcredentials.googleapis.com"]
    done = api.ok("POST", f"{SERVICES}:batchEnable", {"serviceIds": ids})
    assert [s["state"] for s in done["response"]["services"]] == ["ENABLED", "ENABLED"]
    names = "&".join(f"names=projects/demo-project/services/{name}" for name in ids)
    read = api.ok("GET", f"{SERVICES}:batchGet?{names}")["services"]
    assert [s["config"]["name"] for s in read] == ids
    assert api.call("POST", f"{SERVICES}:batchEnable", {"serviceIds": []})[0] == 400
    assert api.call("POST", f"{SERVICES}:batchEnable", {"serviceIds": ids * 11})[0] == 400


def test_pages_follow_one_another(api: Api) -> None:
    """Every service is listed once over pages of two."""
    seen, token = [], ""
    for _ in range(20):
        answer = api.ok("GET", f"{SERVICES}?pageSize=2&pageToken={token}")
        seen += [service["name"] for service in answer["services"]]
        token = answer.get("nextPageToken", "")
        if not token:
            break
    assert seen == [s["name"] for s in api.ok("GET", SERVICES)["services"]]
    assert api.call("GET", f"{SERVICES}?pageToken=x")[0] == 400
    assert api.call("GET", f"{SERVICES}?pageSize=-1")[0] == 400


@pytest.mark.parametrize(
    ("method", "path", "email", "status", "reason"),
    [
        ("GET", SERVICES, None, 401, "CREDENTIALS_MISSING"),
        ("GET", SERVICES, "guest@example.com", 403, "IAM_PERMISSION_DENIED"),
        ("GET", "/v1/projects/nowhere/services", "owner@example.com", 403, "IAM_PERMISSION_DENIED"),
        ("POST", f"{SERVICES}/{GEMINI}:disable", "guest@example.com", 403, "IAM_PERMISSION_DENIED"),
        ("GET", f"{SERVICES}/nothing", "owner@example.com", 404, None),
        ("GET", f"{SERVICES}?filter=x", "owner@example.com", 400, None),
        ("GET", "/v1/operations/nothing", "owner@example.com", 404, None),
    ],
)
def test_what_may_not_be_done_is_refused(
    api: Api, method: str, path: str, email: str | None, status: int, reason: str | None
) -> None:
    """Strangers, unknown projects and malformed requests each get their own status."""
    got, body = api.call(method, path, email=email)
    assert got == status
    info = [d for d in body["error"].get("details", []) if d["@type"].endswith("ErrorInfo")]
    assert (info[0]["reason"] if info else None) == reason
