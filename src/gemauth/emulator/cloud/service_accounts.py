"""IAM v1, service accounts: create, list, get, change, disable, delete, restore.

Source: google-oauth.md section 5.1.
"""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gemauth.emulator.accounts.people import new_id
from gemauth.emulator.cloud import policies
from gemauth.emulator.cloud.paging import page
from gemauth.emulator.cloud.rpc import (
    Arguments,
    Decision,
    Rpc,
    active_project,
    invalid_argument,
    not_found,
    require,
)
from gemauth.emulator.iam import policy, projects
from gemauth.emulator.iam.policy import has_permission
from gemauth.emulator.iam.projects import find_project
from gemauth.emulator.paging import Sizes, by_age
from gemauth.emulator.storage.records import ServiceAccount
from gemauth.google import refusals
from gemauth.google.status import Code, Status, StatusError, resource_info

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gemauth.emulator.storage.store import Transaction

__all__ = ["ADMIN", "RPCS", "SERVICE", "find_account", "resource_of"]

SERVICE = "iam.googleapis.com"
ADMIN = "google.iam.admin.v1.IAM"
MOST_ACCOUNTS = 100  # the default quota of a project (google-oauth.md section 3)
RESTORABLE = 30 * 86_400.0  # seconds (section 3)

_ID = re.compile(r"[a-z](?=.{5,29}$)[-a-z0-9]*[a-z0-9]")


def create(tx: Transaction, arguments: Arguments) -> Mapping[str, Any]:
    """POST projects/{p}/serviceAccounts {accountId, serviceAccount}."""
    project = active_project(tx, arguments, "iam.serviceAccounts.create")
    account_id = arguments.body.get("accountId")
    if not isinstance(account_id, str) or _ID.fullmatch(account_id) is None:
        raise invalid_argument(
            "accountId must be 6 to 30 lowercase letters, digits or hyphens, start with a letter "
            "and not end with a hyphen."
        )
    email = f"{account_id}@{project.project_id}.iam.gserviceaccount.com"
    living = tx.find(ServiceAccount, project_id=project.project_id, deleted_at=None)
    if any(account.email == email for account in living):
        raise StatusError(
            Status(
                Code.ALREADY_EXISTS,
                f"Service account {account_id} already exists within project "
                f"projects/{project.project_id}.",
                (resource_info(f"projects/{project.project_id}/serviceAccounts/{email}"),),
            )
        )
    if len(living) >= MOST_ACCOUNTS:
        raise StatusError(
            Status(
                Code.RESOURCE_EXHAUSTED,
                f"The project has {MOST_ACCOUNTS} service accounts, its quota. Delete some first.",
            )
        )
    described = _described(arguments.body)
    account = ServiceAccount(
        unique_id=new_id(arguments.entropy),
        project_id=project.project_id,
        email=email,
        display_name=_text(described, "displayName", 100),
        description=_text(described, "description", 256),
        disabled=False,
        deleted_at=None,
        etag=_etag(arguments),
        created_at=arguments.now,
    )
    tx.add(account)
    return shown(account)


def list_accounts(tx: Transaction, arguments: Arguments) -> Mapping[str, Any]:
    """GET projects/{p}/serviceAccounts; an empty list is `{}`."""
    project = active_project(tx, arguments, "iam.serviceAccounts.list")
    living = tx.find(ServiceAccount, project_id=project.project_id, deleted_at=None)
    listed, more = page(
        arguments, living, lambda a: by_age(a.created_at, a.unique_id), Sizes(20, 100)
    )
    return ({"accounts": [shown(account) for account in listed]} if listed else {}) | more


def get(tx: Transaction, arguments: Arguments) -> Mapping[str, Any]:
    """GET …/serviceAccounts/{e-mail or unique id}; `-` may stand for the project."""
    return shown(find_account(tx, arguments, "iam.serviceAccounts.get"))


def update(tx: Transaction, arguments: Arguments) -> Mapping[str, Any]:
    """PUT with a ServiceAccount: displayName and description."""
    account = find_account(tx, arguments, "iam.serviceAccounts.update")
    return _change(
        tx,
        arguments,
        account,
        display_name=_text(arguments.body, "displayName", 100),
        description=_text(arguments.body, "description", 256),
    )


def patch(tx: Transaction, arguments: Arguments) -> Mapping[str, Any]:
    """PATCH {serviceAccount, updateMask}: only displayName and description are mutable."""
    account = find_account(tx, arguments, "iam.serviceAccounts.update")
    wanted = _described(arguments.body)
    columns = {"displayName": "display_name", "description": "description"}
    mask = [field for field in str(arguments.body.get("updateMask") or "").split(",") if field]
    names = {"display_name": "displayName"}
    fields = [names.get(field, field) for field in mask] or [f for f in columns if f in wanted]
    if unknown := [field for field in fields if field not in columns]:
        raise invalid_argument(f"The update mask names fields that cannot change: {unknown}.")
    changes = {columns[f]: _text(wanted, f, 100 if f == "displayName" else 256) for f in fields}
    return _change(tx, arguments, account, **changes)


def delete(tx: Transaction, arguments: Arguments) -> Mapping[str, Any]:
    """DELETE …/serviceAccounts/{sa}: its keys, tokens and roles end at once."""
    account = find_account(tx, arguments, "iam.serviceAccounts.delete")
    tx.replace(replace(account, deleted_at=arguments.now))
    member = projects.member(account.email)
    policy.rename_member(tx, member, policy.deleted(member, account.unique_id))
    return {}


def undelete(tx: Transaction, arguments: Arguments) -> Mapping[str, Any]:
    """POST …/{uniqueId}:undelete, within 30 days and while the e-mail is free."""
    account = tx.get(ServiceAccount, arguments.path["account"])
    if account is None or account.deleted_at is None:
        raise not_found("Unknown service account")
    permission, project = "iam.serviceAccounts.undelete", f"projects/{account.project_id}"
    if not _is_in(tx, account, arguments.path["project"]) or not has_permission(
        tx, arguments.identity, permission, project
    ):
        raise not_found("Unknown service account")
    taken = tx.find(ServiceAccount, email=account.email, deleted_at=None)
    if taken or arguments.now - account.deleted_at > RESTORABLE:
        raise StatusError(Status(Code.FAILED_PRECONDITION, "Precondition check failed."))
    restored = replace(account, deleted_at=None)
    tx.replace(restored)
    member = projects.member(account.email)
    policy.rename_member(tx, policy.deleted(member, account.unique_id), member)
    return {"restoredAccount": shown(restored)}


def switch(*, disabled: bool) -> Decision:
    """POST …:disable and :enable."""
    permission = "iam.serviceAccounts.disable" if disabled else "iam.serviceAccounts.enable"

    def decide(tx: Transaction, arguments: Arguments) -> Mapping[str, Any]:
        account = find_account(tx, arguments, permission)
        tx.replace(replace(account, disabled=disabled))
        return {}

    return decide


def get_iam_policy(tx: Transaction, arguments: Arguments) -> Mapping[str, Any]:
    """POST …:getIamPolicy."""
    account = find_account(tx, arguments, "iam.serviceAccounts.getIamPolicy")
    return policies.get_policy(tx, resource_of(account))


def set_iam_policy(tx: Transaction, arguments: Arguments) -> Mapping[str, Any]:
    """POST …:setIamPolicy."""
    account = find_account(tx, arguments, "iam.serviceAccounts.setIamPolicy")
    return policies.set_policy(tx, arguments, resource_of(account))


def test_iam_permissions(tx: Transaction, arguments: Arguments) -> Mapping[str, Any]:
    """POST …:testIamPermissions."""
    account = _living(tx, arguments)
    if account is None:
        raise not_found("Unknown service account")
    return policies.test_permissions(tx, arguments, resource_of(account))


def resource_of(account: ServiceAccount) -> str:
    """Return the account's resource name, which is also its policy's."""
    return f"projects/{account.project_id}/serviceAccounts/{account.email}"


def shown(account: ServiceAccount) -> dict[str, Any]:
    """Return an account as the API shows it; what is empty or false is left out."""
    members = {
        "name": resource_of(account),
        "projectId": account.project_id,
        "uniqueId": account.unique_id,
        "email": account.email,
        "displayName": account.display_name,
        "etag": account.etag,
        "description": account.description,
        "oauth2ClientId": account.unique_id,
        "disabled": account.disabled,
    }
    return {name: value for name, value in members.items() if value}


def find_account(tx: Transaction, arguments: Arguments, permission: str) -> ServiceAccount:
    """Return the path's living account, if the caller holds a permission on it.

    Raises:
        StatusError: NOT_FOUND, but PERMISSION_DENIED where `-` stood for the project (5.1) or
            the caller may see nothing in it.
    """
    project, name = arguments.path["project"], arguments.path["account"]
    # As it was asked for: who may not see an account does not learn its address from a number.
    resource = f"projects/{project}/serviceAccounts/{name}"
    account = _living(tx, arguments)
    if account is None:
        found = None if project == "-" else find_project(tx, project)
        if found is None:
            raise refusals.missing_permission(permission, resource)
        require(tx, arguments, permission, f"projects/{found.project_id}")
        raise not_found(f"Service account {resource} does not exist.")
    if not has_permission(tx, arguments.identity, permission, resource_of(account)):
        raise refusals.missing_permission(permission, resource)
    return account


def _living(tx: Transaction, arguments: Arguments) -> ServiceAccount | None:
    name = arguments.path["account"]
    by_email = next(iter(tx.find(ServiceAccount, email=name.lower(), deleted_at=None)), None)
    account = by_email or tx.get(ServiceAccount, name)
    if account is None or account.deleted_at is not None:
        return None
    return account if _is_in(tx, account, arguments.path["project"]) else None


def _is_in(tx: Transaction, account: ServiceAccount, project: str) -> bool:
    if project == "-":
        return True
    found = find_project(tx, project)
    return found is not None and found.project_id == account.project_id


def _change(
    tx: Transaction, arguments: Arguments, account: ServiceAccount, **columns: str
) -> Mapping[str, Any]:
    changed = replace(account, etag=_etag(arguments), **columns)  # type: ignore[arg-type]  # texts only
    tx.replace(changed)
    return shown(changed)


def _described(body: Mapping[str, Any]) -> Mapping[str, Any]:
    described = body.get("serviceAccount") or {}
    if not isinstance(described, dict):
        raise invalid_argument("serviceAccount must be an object.")
    return described


def _text(body: Mapping[str, Any], name: str, most: int) -> str:
    value = body.get(name) or ""
    if not isinstance(value, str) or len(value.encode("utf-8")) > most:
        raise invalid_argument(f"{name} must be text of at most {most} bytes.")
    return value


def _etag(arguments: Arguments) -> str:
    return base64.b64encode(arguments.entropy(9)).decode("ascii")


def _rpc(verb: str, path: str, name: str, decide: Decision) -> Rpc:
    return Rpc(
        verb, f"/v1/projects/{{project}}/serviceAccounts{path}", SERVICE, f"{ADMIN}.{name}", decide
    )


RPCS = (
    _rpc("POST", "", "CreateServiceAccount", create),
    _rpc("GET", "", "ListServiceAccounts", list_accounts),
    _rpc("POST", "/{account}:enable", "EnableServiceAccount", switch(disabled=False)),
    _rpc("POST", "/{account}:disable", "DisableServiceAccount", switch(disabled=True)),
    _rpc("POST", "/{account}:undelete", "UndeleteServiceAccount", undelete),
    _rpc("POST", "/{account}:getIamPolicy", "GetIamPolicy", get_iam_policy),
    _rpc("POST", "/{account}:setIamPolicy", "SetIamPolicy", set_iam_policy),
    _rpc("POST", "/{account}:testIamPermissions", "TestIamPermissions", test_iam_permissions),
    _rpc("GET", "/{account}", "GetServiceAccount", get),
    _rpc("PUT", "/{account}", "UpdateServiceAccount", update),
    _rpc("PATCH", "/{account}", "PatchServiceAccount", patch),
    _rpc("DELETE", "/{account}", "DeleteServiceAccount", delete),
)
