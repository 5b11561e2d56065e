"""Long-running operations of Service Usage and Resource Manager, all of them finished.

Both have `operations/{id}` (google-oauth.md sections 5.4 and 5.5). On Google's hosts the host tells
whose is meant, on loopback the name: Resource Manager's are `cp.…`, in v1 and v3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gemauth.emulator.cloud import resource_manager, service_usage
from gemauth.emulator.cloud.rpc import Arguments, Rpc, not_found
from gemauth.emulator.storage.records import Operation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gemauth.emulator.storage.store import Transaction

__all__ = ["RPCS"]

_NAME = "google.longrunning.Operations.GetOperation"


def of_resource_manager(tx: Transaction, arguments: Arguments) -> Mapping[str, Any]:
    """GET operations/cp.{id}."""
    return _get(tx, f"operations/cp.{arguments.path['operation']}")


def of_service_usage(tx: Transaction, arguments: Arguments) -> Mapping[str, Any]:
    """GET operations/{id}."""
    return _get(tx, f"operations/{arguments.path['operation']}", but="operations/cp.")


def _get(tx: Transaction, name: str, but: str = " ") -> Mapping[str, Any]:
    """Return an operation's JSON; one whose name starts with `but` is the other service's."""
    operation = tx.get(Operation, name)
    if operation is None or name.startswith(but):
        raise not_found(f"Operation {name} not found.")
    return operation.body


_CP = "operations/cp.{operation}"
RPCS = (
    Rpc("GET", f"/v1/{_CP}", resource_manager.SERVICE, _NAME, of_resource_manager),
    Rpc("GET", f"/v3/{_CP}", resource_manager.SERVICE, _NAME, of_resource_manager),
    Rpc("GET", "/v1/operations/{operation}", service_usage.SERVICE, _NAME, of_service_usage),
)
