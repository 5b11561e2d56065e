"""Service Usage v1: which APIs are on in a project (google-oauth.md section 5.4)."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from gemauth.emulator.cloud.paging import page
from gemauth.emulator.cloud.rpc import (
    Arguments,
    Decision,
    Rpc,
    active_project,
    invalid_argument,
    not_found,
)
from gemauth.emulator.iam import projects
from gemauth.emulator.paging import Sizes
from gemauth.emulator.storage.records import EnabledService, Operation, Project
from gemauth.google import refusals

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gemauth.emulator.storage.store import Transaction

__all__ = ["RPCS"]

SERVICE = "serviceusage.googleapis.com"
PACKAGE = "google.api.serviceusage.v1"

# The services that the emulator knows by name; others can be enabled but do nothing here.
CATALOGUE = {
    **refusals.TITLES,
    "cloudapis.googleapis.com": "Google Cloud APIs",
    "servicemanagement.googleapis.com": "Service Management API",
}


def list_services(tx: Transaction, arguments: Arguments) -> Mapping[str, Any]:
    """GET projects/{p}/services, filtered by `state:ENABLED` or `state:DISABLED`."""
    project = active_project(tx, arguments, "serviceusage.services.list")
    on = {enabled.service for enabled in tx.find(EnabledService, project_id=project.project_id)}
    wanted = arguments.query.get("filter", [""])[0]
    if wanted not in {"", "state:ENABLED", "state:DISABLED"}:
        raise invalid_argument("The filter must be state:ENABLED or state:DISABLED.")
    names = sorted(on | set(CATALOGUE))
    chosen = [n for n in names if not wanted or (n in on) == (wanted == "state:ENABLED")]
    services, more = page(arguments, chosen, str, Sizes(50, 200))
    listed = [_service(project, name, enabled=name in on) for name in services]
    return ({"services": listed} if listed else {}) | more


def get_service(tx: Transaction, arguments: Arguments) -> Mapping[str, Any]:
    """GET projects/{p}/services/{api}."""
    project = active_project(tx, arguments, "serviceusage.services.get")
    return _read(tx, project, _service_name(arguments.path["service"]))


def batch_get(tx: Transaction, arguments: Arguments) -> Mapping[str, Any]:
    """GET projects/{p}/services:batchGet?names=projects/p/services/a&names=… ."""
    project = active_project(tx, arguments, "serviceusage.services.get")
    names = [name.rpartition("/")[2] for name in arguments.query.get("names", [])]
    return {"services": [_read(tx, project, _service_name(name)) for name in names]}


def enable_service(tx: Transaction, arguments: Arguments) -> Mapping[str, Any]:
    """POST projects/{p}/services/{api}:enable."""
    project = active_project(tx, arguments, "serviceusage.services.enable")
    service = _service_name(arguments.path["service"])
    fresh = projects.enable_service(tx, project, service)
    reply = {"service": _read(tx, project, service)}
    return _operation(tx, arguments, project, "EnableServiceResponse", reply, changed=fresh)


def batch_enable(tx: Transaction, arguments: Arguments) -> Mapping[str, Any]:
    """POST projects/{p}/services:batchEnable {serviceIds}, 20 at most."""
    project = active_project(tx, arguments, "serviceusage.services.enable")
    wanted = arguments.body.get("serviceIds") or []
    if not isinstance(wanted, list) or not 1 <= len(wanted) <= 20:  # Google's limit
        raise invalid_argument("serviceIds must name 1 to 20 services.")
    services = [_service_name(str(name)) for name in wanted]
    fresh = [projects.enable_service(tx, project, service) for service in services]
    reply = {"services": [_read(tx, project, service) for service in services]}
    return _operation(
        tx, arguments, project, "BatchEnableServicesResponse", reply, changed=any(fresh)
    )


def disable_service(tx: Transaction, arguments: Arguments) -> Mapping[str, Any]:
    """POST projects/{p}/services/{api}:disable."""
    project = active_project(tx, arguments, "serviceusage.services.disable")
    service = _service_name(arguments.path["service"])
    changed = tx.remove(EnabledService, project.project_id, service)
    reply = {"service": _read(tx, project, service)}
    return _operation(tx, arguments, project, "DisableServiceResponse", reply, changed=changed)


def _service_name(name: str) -> str:
    if not projects.is_service_name(name):
        raise not_found(f"Not found or permission denied for service(s): {name}.")
    return name


def _read(tx: Transaction, project: Project, service: str) -> dict[str, Any]:
    enabled = tx.get(EnabledService, project.project_id, service) is not None
    return _service(project, service, enabled=enabled)


def _service(project: Project, service: str, *, enabled: bool) -> dict[str, Any]:
    return {
        "name": f"projects/{project.number}/services/{service}",
        "config": {"name": service, "title": CATALOGUE.get(service, service)},
        "state": "ENABLED" if enabled else "DISABLED",
        "parent": f"projects/{project.number}",
    }


def _operation(  # an operation's own members
    tx: Transaction,
    arguments: Arguments,
    project: Project,
    kind: str,
    reply: Mapping[str, Any],
    *,
    changed: bool,
) -> Mapping[str, Any]:
    """Return a finished operation; one that changed something is kept for `operations/{id}`."""
    name = "operations/noop.DONE_OPERATION"
    if changed:
        unique = uuid.UUID(bytes=arguments.entropy(16), version=4)
        name = f"operations/acat.p2-{project.number}-{unique}"
    response = {"@type": f"type.googleapis.com/{PACKAGE}.{kind}", **reply}
    body = {"name": name, "done": True, "response": response}
    if changed:
        tx.add(Operation(name, body, arguments.now))
    return body


def _rpc(verb: str, path: str, name: str, decide: Decision) -> Rpc:
    return Rpc(verb, path, SERVICE, f"{PACKAGE}.ServiceUsage.{name}", decide)


RPCS = (
    _rpc("GET", "/v1/projects/{project}/services", "ListServices", list_services),
    _rpc("GET", "/v1/projects/{project}/services:batchGet", "BatchGetServices", batch_get),
    _rpc(
        "POST", "/v1/projects/{project}/services:batchEnable", "BatchEnableServices", batch_enable
    ),
    _rpc(
        "POST", "/v1/projects/{project}/services/{service}:enable", "EnableService", enable_service
    ),
    _rpc(
        "POST",
        "/v1/projects/{project}/services/{service}:disable",
        "DisableService",
        disable_service,
    ),
    _rpc("GET", "/v1/projects/{project}/services/{service}", "GetService", get_service),
)
