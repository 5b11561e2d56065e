"""IAM v1, workload identity pools (google-oauth.md 5.1).

What deletion means is the IAM API's: a deleted pool is shown, keeps its id and can be restored for
30 days. Every change is an operation that is done at once. Texts of refusals are ours.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from gemauth.clock import rfc3339
from gemauth.emulator.cloud.paging import page
from gemauth.emulator.cloud.rpc import (
    Arguments,
    Decision,
    Rpc,
    active_project,
    invalid_argument,
    not_found,
)
from gemauth.emulator.cloud.service_accounts import SERVICE
from gemauth.emulator.cloud.workload_fields import POOL_FIELDS, masked, new_id, pool_columns
from gemauth.emulator.paging import Sizes, by_age
from gemauth.emulator.storage.records import Operation, Project, WorkloadPool, WorkloadProvider
from gemauth.google.status import Code, Status, StatusError
from gemauth.google.workload_identity import PoolName, ProviderName

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gemauth.emulator.storage.store import Transaction

__all__ = [
    "POOLS",
    "RPCS",
    "check_alive",
    "check_deleted",
    "check_gone",
    "chosen",
    "done",
    "expires",
    "find_pool",
    "present",
    "present_members",
    "rpcs",
]

PACKAGE = "google.iam.v1"
NAME = f"{PACKAGE}.WorkloadIdentityPools"
RESTORABLE = 30 * 86_400.0  # seconds
PAGE = Sizes(50, 1000)

Resource = TypeVar("Resource", WorkloadPool, WorkloadProvider)


def create_pool(tx: Transaction, arguments: Arguments) -> Mapping[str, Any]:
    """POST …/workloadIdentityPools?workloadIdentityPoolId=… ."""
    project = active_project(tx, arguments, "iam.workloadIdentityPools.create")
    pool = WorkloadPool(
        project_id=project.project_id,
        pool_id=new_id(arguments, "workloadIdentityPoolId"),
        display_name="",
        description="",
        disabled=False,
        deleted_at=None,
        created_at=arguments.now,
    )
    if arguments.body.get("mode", "FEDERATION_ONLY") not in {"FEDERATION_ONLY", "MODE_UNSPECIFIED"}:
        raise invalid_argument("This emulator has only pools of mode FEDERATION_ONLY.")
    sent = {name: value for name, value in arguments.body.items() if name != "mode"}
    pool = replace(pool, **pool_columns(sent))
    former = tx.get(WorkloadPool, pool.project_id, pool.pool_id)
    if former is not None:
        check_gone(former, arguments.now)
        tx.remove(WorkloadPool, former.project_id, former.pool_id)
        for provider in tx.find(
            WorkloadProvider, project_id=former.project_id, pool_id=former.pool_id
        ):
            tx.remove(WorkloadProvider, provider.project_id, provider.pool_id, provider.provider_id)
    tx.add(pool)
    return _pool_done(tx, arguments, project, pool)


def get_pool(tx: Transaction, arguments: Arguments) -> Mapping[str, Any]:
    """GET …/workloadIdentityPools/{pool}; a deleted one is shown for 30 days."""
    return _shown_pool(*find_pool(tx, arguments, "iam.workloadIdentityPools.get"))


def list_pools(tx: Transaction, arguments: Arguments) -> Mapping[str, Any]:
    """GET …/workloadIdentityPools?showDeleted=true."""
    project = active_project(tx, arguments, "iam.workloadIdentityPools.list")
    pools = chosen(arguments, tx.find(WorkloadPool, project_id=project.project_id))
    shown, more = page(arguments, pools, lambda p: by_age(p.created_at, p.pool_id), PAGE)
    listed = [_shown_pool(project, pool) for pool in shown]
    return ({"workloadIdentityPools": listed} if listed else {}) | more


def patch_pool(tx: Transaction, arguments: Arguments) -> Mapping[str, Any]:
    """PATCH …/workloadIdentityPools/{pool}?updateMask=… ."""
    project, pool = find_pool(tx, arguments, "iam.workloadIdentityPools.update")
    check_alive(pool)
    pool = replace(pool, **pool_columns(masked(arguments, POOL_FIELDS)))
    return _pool_done(tx, arguments, project, pool)


def delete_pool(tx: Transaction, arguments: Arguments) -> Mapping[str, Any]:
    """DELETE …/workloadIdentityPools/{pool}: its tokens grant nothing until it is restored."""
    project, pool = find_pool(tx, arguments, "iam.workloadIdentityPools.delete")
    check_alive(pool)
    return _pool_done(tx, arguments, project, replace(pool, deleted_at=arguments.now))


def undelete_pool(tx: Transaction, arguments: Arguments) -> Mapping[str, Any]:
    """POST …/workloadIdentityPools/{pool}:undelete."""
    project, pool = find_pool(tx, arguments, "iam.workloadIdentityPools.undelete")
    check_deleted(pool)
    return _pool_done(tx, arguments, project, replace(pool, deleted_at=None))


def get_operation(tx: Transaction, arguments: Arguments) -> Mapping[str, Any]:
    """GET …/operations/{id}, of a pool or a provider."""
    project = active_project(tx, arguments, "iam.workloadIdentityPools.get")
    path = arguments.path
    pool = PoolName(project.number, path["pool"])
    parent = str(ProviderName(pool, path["provider"]) if "provider" in path else pool)
    operation = tx.get(Operation, f"{parent}/operations/{path['operation']}")
    if operation is None:
        raise not_found("Requested entity was not found.")
    return operation.body


def find_pool(
    tx: Transaction, arguments: Arguments, permission: str
) -> tuple[Project, WorkloadPool]:
    """Return the path's project and pool, if the caller holds a permission on the project.

    Raises:
        StatusError: PERMISSION_DENIED, or NOT_FOUND.
    """
    project = active_project(tx, arguments, permission)
    pool = tx.get(WorkloadPool, project.project_id, arguments.path["pool"])
    return project, present(pool, arguments.now)


def present(found: Resource | None, now: float) -> Resource:
    """Return a resource that lives, or was deleted less than 30 days ago."""
    if found is None or _is_purged(found, now):
        raise not_found("Requested entity was not found.")
    return found


def _is_purged(found: Resource, now: float) -> bool:
    return found.deleted_at is not None and now >= found.deleted_at + RESTORABLE


def check_gone(former: Resource, now: float) -> None:
    """Refuse an id that is in use, or was until less than 30 days ago."""
    if not _is_purged(former, now):
        raise StatusError(Status(Code.ALREADY_EXISTS, "Requested entity already exists"))


def check_alive(found: Resource) -> None:
    """Refuse to change what is deleted."""
    if found.deleted_at is not None:
        raise StatusError(
            Status(Code.FAILED_PRECONDITION, "It is deleted: undelete it before it is changed.")
        )


def check_deleted(found: Resource) -> None:
    """Refuse to restore what is not deleted."""
    if found.deleted_at is None:
        raise StatusError(Status(Code.FAILED_PRECONDITION, "It is not deleted."))


def chosen(arguments: Arguments, found: list[Resource]) -> list[Resource]:
    """Return those that a list shows: the deleted ones only with `showDeleted=true`."""
    if arguments.query.get("showDeleted", ["false"])[0].lower() == "true":
        return [one for one in found if not _is_purged(one, arguments.now)]
    return [one for one in found if one.deleted_at is None]


def _shown_pool(project: Project, pool: WorkloadPool) -> dict[str, Any]:
    return present_members(
        name=str(PoolName(project.number, pool.pool_id)),
        displayName=pool.display_name,
        description=pool.description,
        state="ACTIVE" if pool.deleted_at is None else "DELETED",
        disabled=pool.disabled,
        expireTime=expires(pool.deleted_at),
    )


def present_members(**members: Any) -> dict[str, Any]:  # noqa: ANN401  # JSON members
    """Return members without those that are empty or false."""
    return {name: value for name, value in members.items() if value}


def expires(deleted_at: float | None) -> str | None:
    """Return the moment after which what was deleted cannot be restored."""
    return None if deleted_at is None else rfc3339(float(int(deleted_at + RESTORABLE)))


def _pool_done(
    tx: Transaction, arguments: Arguments, project: Project, pool: WorkloadPool
) -> Mapping[str, Any]:
    tx.replace(pool)
    return done(tx, arguments, "WorkloadIdentityPool", _shown_pool(project, pool))


def done(
    tx: Transaction, arguments: Arguments, kind: str, shown: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Return the finished operation of a change, and keep it."""
    name = f"{shown['name']}/operations/{arguments.entropy(16).hex()}"
    body = {
        "name": name,
        "done": True,
        "response": {"@type": f"type.googleapis.com/{PACKAGE}.{kind}", **shown},
    }
    tx.add(Operation(name, body, arguments.now))
    return body


POOLS = "/v1/projects/{project}/locations/global/workloadIdentityPools"


def _rpc(verb: str, path: str, name: str, decide: Decision) -> Rpc:
    return Rpc(verb, path, SERVICE, f"{NAME}.{name}", decide)


def rpcs(path: str, kind: str, decisions: Mapping[str, Decision]) -> tuple[Rpc, ...]:
    """Return the methods of one kind of resource; `:undelete` stands before the plain path."""
    one = f"{path}/{{{'provider' if kind.endswith('Provider') else 'pool'}}}"
    return (
        _rpc("POST", path, f"Create{kind}", decisions["create"]),
        _rpc("GET", path, f"List{kind}s", decisions["list"]),
        _rpc("GET", f"{one}/operations/{{operation}}", "GetOperation", get_operation),
        _rpc("POST", f"{one}:undelete", f"Undelete{kind}", decisions["undelete"]),
        _rpc("GET", one, f"Get{kind}", decisions["get"]),
        _rpc("PATCH", one, f"Update{kind}", decisions["update"]),
        _rpc("DELETE", one, f"Delete{kind}", decisions["delete"]),
    )


RPCS = rpcs(
    POOLS,
    "WorkloadIdentityPool",
    {
        "create": create_pool,
        "list": list_pools,
        "undelete": undelete_pool,
        "get": get_pool,
        "update": patch_pool,
        "delete": delete_pool,
    },
)
