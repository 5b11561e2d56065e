"""Projects, the APIs that are on in them, and who holds which role."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gemauth.clock import rfc3339
from gemauth.emulator.accounts import people
from gemauth.emulator.control.document import invalid
from gemauth.emulator.control.endpoint import Answer, not_found, precondition
from gemauth.emulator.iam import policy, projects
from gemauth.emulator.iam.roles import ROLES
from gemauth.emulator.storage.records import EnabledService, Group, Project, ServiceAccount
from gemauth.google.client_secret import GCLOUD_LOGIN_PROJECT_NUMBER, GCLOUD_PROJECT_NUMBER
from gemauth.google.status import Code, Status, StatusError
from gemauth.google.workload_identity import IS_PRINCIPAL

if TYPE_CHECKING:
    from gemauth.emulator.context import Entropy
    from gemauth.emulator.control.document import Members
    from gemauth.emulator.storage.store import Transaction

__all__ = [
    "Binding",
    "NewProject",
    "bind",
    "bindings_json",
    "create",
    "delete",
    "disable_service",
    "everyones",
    "find",
    "project_json",
    "service_name",
    "services_json",
    "unbind",
    "update",
]

_MEMBER = re.compile(r"(user|group|serviceAccount|domain):(\S+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class NewProject:
    """A project to be made; `owner` gets roles/owner, `organization` is a Workspace domain."""

    project_id: str
    name: str
    owner: str | None
    organization: str | None

    @classmethod
    def read(cls, body: Members) -> NewProject:
        """Read `projectId`, `name`, `owner` and `organization`."""
        return cls(
            body.text("projectId"),
            body.text("name", default=""),
            body.email("owner", default=None),
            body.domain("organization"),
        )


@dataclass(frozen=True, slots=True)
class Binding:
    """One member of one role."""

    role: str
    member: str

    @classmethod
    def read(cls, body: Members) -> Binding:
        """Read `role` and `member`."""
        role, member = body.text("role"), body.text("member")
        if role and role not in ROLES:
            body.wrong(
                "role", f"must be a role that the emulator knows: {', '.join(sorted(ROLES))}"
            )
        if IS_PRINCIPAL.fullmatch(member):  # an external identity, whose case matters
            return cls(role, member)
        found = _MEMBER.fullmatch(member)
        if member and found is None:
            body.wrong(
                "member",
                "must be like user:ada@example.com, group:…, serviceAccount:…, domain:…, or a "
                "federated principal://… or principalSet://…",
            )
        return cls(role, "" if found is None else f"{found[1]}:{found[2].lower()}")


def create(tx: Transaction, now: float, entropy: Entropy, wanted: NewProject) -> Project:
    """Make a project.

    Raises:
        StatusError: INVALID_ARGUMENT, ALREADY_EXISTS, or NOT_FOUND for an unknown owner.
    """
    try:
        project = projects.create_project(
            tx,
            now,
            entropy,
            project_id=wanted.project_id,
            name=wanted.name,
            organization=wanted.organization,
        )
    except StatusError as error:
        if error.status.code is Code.ALREADY_EXISTS:
            text = f"The project id {wanted.project_id} is or was in use; ids are never used twice."
            raise StatusError(Status(Code.ALREADY_EXISTS, text)) from error
        raise
    if wanted.owner is not None:
        bind(tx, project, Binding("roles/owner", projects.member(wanted.owner)))
    return project


def update(tx: Transaction, project: Project, wanted: NewProject) -> Project:
    """Give a project the name, organization and owner that a seed declares."""
    changed = replace(
        project,
        name=wanted.name or project.name,
        organization=wanted.organization or project.organization,
    )
    if changed != project:
        tx.replace(changed)
    if wanted.owner is not None:
        bind(tx, changed, Binding("roles/owner", projects.member(wanted.owner)))
    return changed


def find(tx: Transaction, id_or_number: str, *, active: bool = True) -> Project:
    """Return a project; with `active`, one that may be changed.

    Raises:
        StatusError: NOT_FOUND, or FAILED_PRECONDITION for one that may not.
    """
    project = projects.find_project(tx, id_or_number)
    if project is None:
        raise not_found(
            f"There is no project {id_or_number}. "
            f"Create it: gemauth emulator projects create {id_or_number}"
        )
    if active and project.number == GCLOUD_PROJECT_NUMBER:
        raise precondition(f"The project {project.project_id} is Google's own and stays as it is.")
    if active and project.state != "ACTIVE":
        raise precondition(f"The project {project.project_id} is being deleted.")
    return project


def everyones(tx: Transaction) -> list[Project]:
    """Return the projects that people have made: not those of Google's own shared clients."""
    theirs = {GCLOUD_PROJECT_NUMBER, GCLOUD_LOGIN_PROJECT_NUMBER}
    return [p for p in tx.find(Project) if p.number not in theirs]


def delete(tx: Transaction, project: Project) -> Answer:
    """Mark a project for deletion."""
    return project_json(projects.delete_project(tx, project))


def project_json(project: Project) -> Answer:
    """Return a project as the control API shows one."""
    answer = {
        "projectId": project.project_id,
        "projectNumber": project.number,
        "name": project.name,
        "state": project.state,
        "createTime": rfc3339(project.created_at),
    }
    return (
        answer if project.organization is None else answer | {"organization": project.organization}
    )


def service_name(text: str) -> str:
    """Return a service's full name; `generativelanguage` is short for …googleapis.com.

    Raises:
        StatusError: INVALID_ARGUMENT.
    """
    name = text if "." in text else f"{text}.googleapis.com"
    if not projects.is_service_name(name):
        raise invalid(
            "service", f"{text!r} is no service such as generativelanguage.googleapis.com"
        )
    return name


def disable_service(tx: Transaction, project: Project, service: str) -> Answer:
    """Switch an API off.

    Raises:
        StatusError: NOT_FOUND if it was not on.
    """
    if not tx.remove(EnabledService, project.project_id, service):
        raise not_found(f"{service} is not enabled in {project.project_id}.")
    return services_json(tx, project)


def services_json(tx: Transaction, project: Project) -> Answer:
    """Return the APIs that are on."""
    enabled = tx.find(EnabledService, project_id=project.project_id)
    return {"services": [{"service": each.service, "state": "ENABLED"} for each in enabled]}


def bind(tx: Transaction, project: Project, binding: Binding) -> None:
    """Give a role to a member.

    Raises:
        StatusError: INVALID_ARGUMENT for a member that does not exist.
    """
    kind, _, name = binding.member.partition(":")
    match kind:
        case "user":
            exists = people.by_email(tx, name) is not None
        case "group":
            exists = tx.get(Group, name) is not None
        case "serviceAccount":
            exists = bool(tx.find(ServiceAccount, email=name, deleted_at=None))
        case _:  # a domain is not registered anywhere here
            exists = True
    if not exists:
        raise invalid("member", f"{binding.member} does not exist")
    policy.grant_role(tx, _resource(project), binding.role, binding.member)


def unbind(tx: Transaction, project: Project, binding: Binding) -> None:
    """Take a role from a member.

    Raises:
        StatusError: NOT_FOUND if the member does not hold it.
    """
    members = policy.read(tx, _resource(project)).bindings.get(binding.role, [])
    if binding.member not in [_lower(member) for member in members]:
        raise not_found(f"{binding.member} does not hold {binding.role} on {project.project_id}.")
    policy.revoke_role(tx, _resource(project), binding.role, binding.member)


def bindings_json(tx: Transaction, project: Project) -> Answer:
    """Return who holds which role on a project, as Google's policies show it."""
    found = policy.read(tx, _resource(project))
    bindings = [{"role": role, "members": members} for role, members in found.bindings.items()]
    return {"bindings": bindings, "etag": found.etag}


def _resource(project: Project) -> str:
    return f"projects/{project.project_id}"


def _lower(member: str) -> str:
    if IS_PRINCIPAL.fullmatch(member):
        return member
    kind, _, name = member.partition(":")
    return f"{kind}:{name.lower()}"
