"""IAM v1: service accounts (google-oauth.md section 5.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gemauth.emulator.iam.policy import held_permissions

if TYPE_CHECKING:
    from tests.emulator.cloud.conftest import Api

ALL = "/v1/projects/demo-project/serviceAccounts"
EMAIL = "worker@demo-project.iam.gserviceaccount.com"


def make(api: Api) -> dict[str, str]:
    """Create the account `worker`."""
    return api.ok("POST", ALL, {"accountId": "worker", "serviceAccount": {"displayName": "Worker"}})


def test_a_new_account_has_google_s_form(api: Api) -> None:
    """Name, e-mail, 21-digit id; what is empty or false is left out."""
    account = make(api)
    assert account["name"] == f"projects/demo-project/serviceAccounts/{EMAIL}"
    assert account["email"] == EMAIL
    assert len(account["uniqueId"]) == 21
    assert account["oauth2ClientId"] == account["uniqueId"]
    assert "disabled" not in account
    assert api.ok("GET", f"{ALL}/{EMAIL}") == account
    assert api.ok("GET", f"/v1/projects/-/serviceAccounts/{account['uniqueId']}") == account


def test_a_name_is_taken_once(api: Api) -> None:
    """409 with the documented text."""
    make(api)
    status, body = api.call("POST", ALL, {"accountId": "worker"})
    assert status == 409
    assert body["error"]["message"] == (
        "Service account worker already exists within project projects/demo-project."
    )


@pytest.mark.parametrize("account_id", ["short", "Upper-case", "ends-", "1digit", "x" * 31, None])
def test_an_id_out_of_form_is_refused(api: Api, account_id: str | None) -> None:
    """6 to 30 characters (google-oauth.md section 3)."""
    assert api.call("POST", ALL, {"accountId": account_id})[0] == 400


def test_it_is_described_anew(api: Api) -> None:
    """PATCH by mask, with or without; PUT whole; nothing else can change."""
    make(api)
    one = f"{ALL}/{EMAIL}"
    body = {"serviceAccount": {"displayName": "A", "description": "B"}, "updateMask": "description"}
    assert api.ok("PATCH", one, body)["displayName"] == "Worker"
    assert api.ok("PATCH", one, {"serviceAccount": {"displayName": "C"}})["description"] == "B"
    assert api.ok("PUT", one, {"displayName": "D"})["displayName"] == "D"
    bad = {"serviceAccount": {"email": "x"}, "updateMask": "email"}
    assert api.call("PATCH", one, bad)[0] == 400
    assert api.call("PUT", one, {"displayName": "x" * 101})[0] == 400


def test_it_is_switched_off_and_on(api: Api) -> None:
    """`disabled` shows while it is off."""
    make(api)
    assert api.ok("POST", f"{ALL}/{EMAIL}:disable", {}) == {}
    assert api.ok("GET", f"{ALL}/{EMAIL}")["disabled"] is True
    api.ok("POST", f"{ALL}/{EMAIL}:enable", {})
    assert "disabled" not in api.ok("GET", f"{ALL}/{EMAIL}")


def test_a_deleted_account_can_be_restored_for_30_days(api: Api) -> None:
    """By its unique id; not once the e-mail is taken again or the time is over."""
    unique = make(api)["uniqueId"]
    assert api.ok("DELETE", f"{ALL}/{EMAIL}") == {}
    assert api.call("GET", f"{ALL}/{EMAIL}")[0] == 404
    restored = api.ok("POST", f"{ALL}/{unique}:undelete", {})
    assert restored["restoredAccount"]["email"] == EMAIL
    assert api.call("POST", f"{ALL}/{unique}:undelete", {})[0] == 404
    api.ok("DELETE", f"{ALL}/{EMAIL}")
    make(api)
    assert api.call("POST", f"{ALL}/{unique}:undelete", {})[0] == 400
    api.ok("DELETE", f"{ALL}/{EMAIL}")
    api.place.clock.advance(31 * 86_400)
    assert api.call("POST", f"{ALL}/{unique}:undelete", {})[0] == 400


def test_a_new_account_does_not_inherit_a_deleted_ones_roles(api: Api) -> None:
    """The binding stays with the unique id, as `deleted:…?uid=…`, and comes back with undelete."""
    unique = make(api)["uniqueId"]
    project = "/v1/projects/demo-project"
    owner = api.ok("POST", f"{project}:getIamPolicy", {})["bindings"]
    viewer = {"role": "roles/viewer", "members": [f"serviceAccount:{EMAIL}"]}
    api.ok("POST", f"{project}:setIamPolicy", {"policy": {"bindings": [*owner, viewer]}})

    api.ok("DELETE", f"{ALL}/{EMAIL}")
    policy = api.ok("POST", f"{project}:getIamPolicy", {})
    gone = {"role": "roles/viewer", "members": [f"deleted:serviceAccount:{EMAIL}?uid={unique}"]}
    assert gone in policy["bindings"]
    # What was read can be set again.
    assert api.ok("POST", f"{project}:setIamPolicy", {"policy": policy})["bindings"]

    make(api)
    with api.place.context.store.read() as tx:
        assert not held_permissions(tx, EMAIL, "projects/demo-project")
    api.ok("DELETE", f"{ALL}/{EMAIL}")
    api.ok("POST", f"{ALL}/{unique}:undelete", {})
    with api.place.context.store.read() as tx:
        assert "resourcemanager.projects.get" in held_permissions(
            tx, EMAIL, "projects/demo-project"
        )


def test_lists_page_and_an_empty_one_is_an_empty_object(api: Api) -> None:
    """`{}`, not `{"accounts": []}`."""
    api.ok("POST", "/v1/projects", {"projectId": "empty-one"})
    assert api.ok("GET", "/v1/projects/empty-one/serviceAccounts") == {}
    make(api)
    first = api.ok("GET", f"{ALL}?pageSize=1")
    second = api.ok("GET", f"{ALL}?pageSize=1&pageToken={first['nextPageToken']}")
    assert "nextPageToken" not in second
    assert {a["email"].split("@")[0] for a in first["accounts"] + second["accounts"]} == {
        "robot1",
        "worker",
    }


def test_a_hundred_is_the_quota(api: Api) -> None:
    """The 101st is refused (google-oauth.md section 3)."""
    for number in range(99):
        api.ok("POST", ALL, {"accountId": f"worker{number:03}"})
    status, body = api.call("POST", ALL, {"accountId": "one-too-many"})
    assert (status, body["error"]["status"]) == (429, "RESOURCE_EXHAUSTED")


def test_it_has_a_policy_of_its_own(api: Api) -> None:
    """SetIamPolicy on the account lets another use it."""
    make(api)
    one = f"{ALL}/{EMAIL}"
    member = "user:guest@example.com"
    binding = {"role": "roles/iam.serviceAccountTokenCreator", "members": [member]}
    api.ok("POST", f"{one}:setIamPolicy", {"policy": {"bindings": [binding]}})
    assert api.ok("POST", f"{one}:getIamPolicy", {})["bindings"] == [binding]
    asked = {"permissions": ["iam.serviceAccounts.getAccessToken", "iam.serviceAccounts.delete"]}
    path = f"{one}:testIamPermissions"
    assert api.call("POST", path, asked, email="guest@example.com") == (
        200,
        {"permissions": ["iam.serviceAccounts.getAccessToken"]},
    )
    assert api.call("POST", f"{ALL}/nobody@x:testIamPermissions", asked)[0] == 404


def test_a_missing_account_is_404_but_403_behind_the_wildcard(api: Api) -> None:
    """google-oauth.md 5.1: with `-` the caller may not learn that it is missing."""
    status, body = api.call("GET", f"{ALL}/nobody@x")
    assert status == 404
    assert body["error"]["message"].endswith("serviceAccounts/nobody@x does not exist.")
    assert api.call("GET", "/v1/projects/-/serviceAccounts/nobody@x")[0] == 403
    assert api.call("GET", "/v1/projects/nowhere/serviceAccounts/nobody@x")[0] == 403
    assert api.call("GET", "/v1/projects/nowhere/serviceAccounts")[0] == 403


def test_a_stranger_may_nothing(api: Api) -> None:
    """Each call names the permission that is missing."""
    make(api)
    for method, path in (
        ("POST", ALL),
        ("GET", ALL),
        ("GET", f"{ALL}/{EMAIL}"),
        ("DELETE", f"{ALL}/{EMAIL}"),
        ("POST", f"{ALL}/{EMAIL}:disable"),
    ):
        status, body = api.call(method, path, {}, email="guest@example.com")
        assert status == 403
        assert "iam.serviceAccounts." in body["error"]["details"][0]["metadata"]["permission"]


def test_a_number_tells_no_stranger_whose_it_is(api: Api) -> None:
    """Who may not see an account learns neither its address nor its project from its number."""
    number = api.ok("GET", f"{ALL}/robot1@demo-project.iam.gserviceaccount.com")["uniqueId"]
    path = f"/v1/projects/-/serviceAccounts/{number}"
    status, answer = api.call("GET", path, email="guest@example.com")
    assert status == 403
    assert "demo-project" not in str(answer)
    api.ok("DELETE", path)
    for project in ("demo-project", "-", "another"):
        restore = f"/v1/projects/{project}/serviceAccounts/{number}:undelete"
        status, answer = api.call("POST", restore, {}, email="guest@example.com")
        assert (status, answer["error"]["message"]) == (404, "Unknown service account")
    assert api.call("POST", f"/v1/projects/another/serviceAccounts/{number}:undelete", {})[0] == 404
    api.ok("POST", f"{ALL}/{number}:undelete", {})
