"""Projects: creating one with its number, its default services and its owner; ending one.

The console does it by hand and Resource Manager by API; both rooms of the emulator call here.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from gemauth.emulator.iam import policy
from gemauth.emulator.storage.records import EnabledService, Project
from gemauth.google.status import Code, Status, StatusError, bad_request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gemauth.emulator.context import Entropy
    from gemauth.emulator.storage.store import Transaction

__all__ = [
    "DEFAULT_SERVICES",
    "create_project",
    "delete_project",
    "enable_service",
    "find_project",
    "is_service_name",
    "member",
]

# What a new project has switched on and the emulator serves or names
# (cloud.google.com/service-usage/docs/enabled-service#default lists the full set).
DEFAULT_SERVICES = (
    "cloudapis.googleapis.com",
    "servicemanagement.googleapis.com",
    "serviceusage.googleapis.com",
)
_ID = re.compile(r"[a-z][a-z0-9-]{4,28}[a-z0-9]")
_SERVICE = re.compile(r"[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)*\.googleapis\.com")


def create_project(  # a project's own members
    tx: Transaction,
    now: float,
    entropy: Entropy,
    *,
    project_id: str,
    name: str = "",
    organization: str | None = None,
    labels: Mapping[str, str] | None = None,
    owner: str | None = None,
) -> Project:
    """Create a project; `owner` is the member (`user:a@example.com`) that gets roles/owner.

    Raises:
        StatusError: INVALID_ARGUMENT for an id out of form (6 to 30 characters, google-oauth.md
            section 3), ALREADY_EXISTS for one that was ever used: ids are never given twice.
    """
    if _ID.fullmatch(project_id) is None:
        text = (
            "project_id must be 6 to 30 lowercase letters, digits or hyphens, start with a letter "
            "and not end with a hyphen"
        )
        details = (bad_request([("project_id", text)]),)
        raise StatusError(Status(Code.INVALID_ARGUMENT, f"{text}.", details))
    if tx.get(Project, project_id) is not None:
        raise StatusError(Status(Code.ALREADY_EXISTS, "Requested entity already exists"))
    project = Project(
        project_id=project_id,
        number=_number(tx, entropy),
        name=name or project_id,
        state="ACTIVE",
        organization=organization,
        labels=labels or {},
        created_at=now,
    )
    tx.add(project)
    for service in DEFAULT_SERVICES:
        enable_service(tx, project, service)
    if owner is not None:
        policy.grant_role(tx, f"projects/{project_id}", "roles/owner", owner)
    return project


def find_project(tx: Transaction, id_or_number: str) -> Project | None:
    """Return the project with an id or a number, whatever its state."""
    by_id = tx.get(Project, id_or_number)
    return by_id or next(iter(tx.find(Project, number=id_or_number)), None)


def delete_project(tx: Transaction, project: Project) -> Project:
    """Mark a project for deletion: it stops working now and keeps its id for ever."""
    ended = replace(project, state="DELETE_REQUESTED")
    tx.replace(ended)
    return ended


def is_service_name(text: str) -> bool:
    """Whether text names an API, such as `generativelanguage.googleapis.com`."""
    return _SERVICE.fullmatch(text) is not None


def enable_service(tx: Transaction, project: Project, service: str) -> bool:
    """Switch an API on; whether it was off."""
    if tx.get(EnabledService, project.project_id, service) is not None:
        return False
    tx.add(EnabledService(project.project_id, service))
    return True


def member(email: str) -> str:
    """Return the policy member that an e-mail, or a federated principal's name, stands for."""
    if email.startswith("principal:"):
        return email
    kind = "serviceAccount" if email.endswith(".gserviceaccount.com") else "user"
    return f"{kind}:{email}"


def _number(tx: Transaction, entropy: Entropy) -> str:
    while True:
        number = str(100_000_000_000 + int.from_bytes(entropy(8), "big") % 900_000_000_000)
        if not tx.find(Project, number=number):
            return number
