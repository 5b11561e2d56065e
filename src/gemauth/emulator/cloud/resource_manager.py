"""Resource Manager v1 and v3: projects and their policies (google-oauth.md section 5.5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gemauth.clock import rfc3339
from gemauth.emulator.cloud import policies
from gemauth.emulator.cloud.paging import page
from gemauth.emulator.cloud.rpc import Arguments, Decision, Rpc, invalid_argument
from gemauth.emulator.iam import projects
from gemauth.emulator.iam.policy import has_permission
from gemauth.emulator.paging import Sizes, by_age
from gemauth.emulator.storage.records import Operation, Project
from gemauth.google import refusals
from gemauth.google.status import Code, Status, StatusError

if TYPE_CHECKING:
    from gemauth.emulator.storage.store import Transaction

__all__ = ["RPCS"]

SERVICE = "cloudresourcemanager.googleapis.com"
LONGEST_NAME = 120  # ours; Google takes 4 to 30 characters (console) and does not say for the API
Shape = Callable[[Project], dict[str, Any]]


def v1(project: Project) -> dict[str, Any]:
    """Return a project as v1 shows it."""
    shown: dict[str, Any] = {
        "projectNumber": project.number,
        "projectId": project.project_id,
        "lifecycleState": project.state,
        "name": project.name,
        "createTime": rfc3339(project.created_at),
    }
    return shown | ({"labels": dict(project.labels)} if project.labels else {})


def v3(project: Project) -> dict[str, Any]:
    """Return a project as v3 shows it."""
    shown: dict[str, Any] = {
        "name": f"projects/{project.number}",
        "projectId": project.project_id,
        "state": project.state,
        "displayName": project.name,
        "createTime": rfc3339(project.created_at),
        "updateTime": rfc3339(project.created_at),
    }
    return shown | ({"labels": dict(project.labels)} if project.labels else {})


def create(shape: Shape, name_member: str) -> Decision:
    """POST projects: the caller becomes the owner; answers a finished operation."""

    def decide(tx: Transaction, arguments: Arguments) -> Mapping[str, Any]:
        body = arguments.body
        project = projects.create_project(
            tx,
            arguments.now,
            arguments.entropy,
            project_id=str(body.get("projectId") or ""),
            name=_name(body, name_member, ""),
            labels=_labels(body, {}),
            owner=projects.member(arguments.email),
        )
        return _operation(tx, arguments, project, shape)

    return decide


def get(shape: Shape) -> Decision:
    """GET projects/{p}."""
    return lambda tx, arguments: shape(
        _project(tx, arguments, "resourcemanager.projects.get", active=False)
    )


def list_projects(shape: Shape) -> Decision:
    """GET projects: those that the caller may see, optionally narrowed by id."""

    def decide(tx: Transaction, arguments: Arguments) -> Mapping[str, Any]:
        wanted = (arguments.query.get("filter") or arguments.query.get("query") or [""])[0]
        seen = [
            project
            for project in tx.find(Project)
            if has_permission(
                tx,
                arguments.identity,
                "resourcemanager.projects.get",
                f"projects/{project.project_id}",
            )
            and _matches(project, wanted)
        ]
        listed, more = page(
            arguments, seen, lambda p: by_age(p.created_at, p.project_id), Sizes(100, 500)
        )
        return ({"projects": [shape(project) for project in listed]} if listed else {}) | more

    return decide


def update(shape: Shape, name_member: str) -> Decision:
    """PUT (v1, answers the project) or PATCH (v3, an operation): the name and the labels."""

    def decide(tx: Transaction, arguments: Arguments) -> Mapping[str, Any]:
        project = _project(tx, arguments, "resourcemanager.projects.update")
        changed = replace(
            project,
            name=_name(arguments.body, name_member, project.name),
            labels=_labels(arguments.body, project.labels),
        )
        tx.replace(changed)
        return v1(changed) if shape is v1 else _operation(tx, arguments, changed, shape)

    return decide


def delete(shape: Shape) -> Decision:
    """DELETE projects/{p}: v1 answers `{}`, v3 a finished operation."""

    def decide(tx: Transaction, arguments: Arguments) -> Mapping[str, Any]:
        project = _project(tx, arguments, "resourcemanager.projects.delete")
        return _moved(tx, arguments, projects.delete_project(tx, project), shape)

    return decide


def undelete(shape: Shape) -> Decision:
    """POST projects/{p}:undelete, while it waits for its deletion."""

    def decide(tx: Transaction, arguments: Arguments) -> Mapping[str, Any]:
        permission = "resourcemanager.projects.undelete"
        project = _project(tx, arguments, permission, active=False)
        if project.state == "ACTIVE":
            raise StatusError(Status(Code.FAILED_PRECONDITION, "Precondition check failed."))
        restored = replace(project, state="ACTIVE")
        tx.replace(restored)
        return _moved(tx, arguments, restored, shape)

    return decide


def get_iam_policy(tx: Transaction, arguments: Arguments) -> Mapping[str, Any]:
    """POST projects/{p}:getIamPolicy."""
    project = _project(tx, arguments, "resourcemanager.projects.getIamPolicy")
    return policies.get_policy(tx, f"projects/{project.project_id}")


def set_iam_policy(tx: Transaction, arguments: Arguments) -> Mapping[str, Any]:
    """POST projects/{p}:setIamPolicy."""
    project = _project(tx, arguments, "resourcemanager.projects.setIamPolicy")
    return policies.set_policy(tx, arguments, f"projects/{project.project_id}", needs_owner=True)


def test_iam_permissions(tx: Transaction, arguments: Arguments) -> Mapping[str, Any]:
    """POST projects/{p}:testIamPermissions: gcloud's check of a quota project (5.5)."""
    project = projects.find_project(tx, arguments.path["project"])
    if project is None:
        raise _hidden(arguments)
    return policies.test_permissions(tx, arguments, f"projects/{project.project_id}")


def get_ancestry(tx: Transaction, arguments: Arguments) -> Mapping[str, Any]:
    """POST projects/{p}:getAncestry: the emulator keeps no folders."""
    project = _project(tx, arguments, "resourcemanager.projects.get")
    return {"ancestor": [{"resourceId": {"type": "project", "id": project.project_id}}]}


def _project(
    tx: Transaction, arguments: Arguments, permission: str, *, active: bool = True
) -> Project:
    project = projects.find_project(tx, arguments.path["project"])
    if project is None:
        raise _hidden(arguments)
    if not has_permission(tx, arguments.identity, permission, f"projects/{project.project_id}"):
        raise refusals.missing_permission(permission, f"projects/{project.project_id}")
    if active and project.state != "ACTIVE":
        raise StatusError(
            Status(Code.FAILED_PRECONDITION, f"Project {project.project_id} is being deleted.")
        )
    return project


def _name(body: Mapping[str, Any], member: str, default: str) -> str:
    name = default if body.get(member) is None else body[member]
    if not isinstance(name, str) or len(name) > LONGEST_NAME:
        raise invalid_argument(f"{member} must be text of at most {LONGEST_NAME} characters.")
    return name


def _labels(body: Mapping[str, Any], default: Mapping[str, str]) -> Mapping[str, str]:
    labels = default if body.get("labels") is None else body["labels"]
    if not isinstance(labels, Mapping) or not all(isinstance(v, str) for v in labels.values()):
        raise invalid_argument("labels must be an object whose values are text.")
    return labels


def _hidden(arguments: Arguments) -> StatusError:
    """Refuse an unknown project like one that the caller may not see."""
    return refusals.missing_permission(
        "resourcemanager.projects.get", f"projects/{arguments.path['project']}"
    )


def _moved(
    tx: Transaction, arguments: Arguments, project: Project, shape: Shape
) -> Mapping[str, Any]:
    return {} if shape is v1 else _operation(tx, arguments, project, shape)


def _operation(
    tx: Transaction, arguments: Arguments, project: Project, shape: Shape
) -> Mapping[str, Any]:
    """Return a finished operation with the project, and keep it for `operations/{id}`."""
    name = f"operations/cp.{int.from_bytes(arguments.entropy(8), 'big')}"
    package = "google.cloudresourcemanager.v1" if shape is v1 else "google.cloud.resourcemanager.v3"
    response = {"@type": f"type.googleapis.com/{package}.Project"} | shape(project)
    operation = {"name": name, "done": True, "response": response}
    tx.add(Operation(name, operation, arguments.now))
    return operation


def _matches(project: Project, wanted: str) -> bool:
    """Whether a project fits every term (`id:`, `name:`, `labels.k:` …) of a filter."""
    for term in wanted.split():
        key, colon, value = term.replace("=", ":", 1).partition(":")
        value = value.strip('"')
        match key.lower():
            case "id" | "projectid":
                fits = _fits(project.project_id, value)
            case "name" | "displayname":
                fits = _fits(project.name, value)
            case "lifecyclestate" | "state":
                fits = project.state == value
            case "projectnumber":
                fits = project.number == value
            case label if label.startswith("labels."):
                fits = _fits(str(project.labels.get(label.removeprefix("labels."), "")), value)
            case _:
                raise invalid_argument(f"The filter term {term!r} is not one that is understood.")
        if not colon or not fits:
            return False
    return True


def _fits(text: str, pattern: str) -> bool:
    return text.startswith(pattern[:-1]) if pattern.endswith("*") else text == pattern


def _rpcs(version: str, service: str, shape: Shape) -> tuple[Rpc, ...]:
    member = "name" if shape is v1 else "displayName"
    one = f"/{version}/projects/{{project}}"
    table: tuple[tuple[str, str, str, Decision], ...] = (
        ("POST", f"{one}:getIamPolicy", "GetIamPolicy", get_iam_policy),
        ("POST", f"{one}:setIamPolicy", "SetIamPolicy", set_iam_policy),
        ("POST", f"{one}:testIamPermissions", "TestIamPermissions", test_iam_permissions),
        ("POST", f"{one}:undelete", "UndeleteProject", undelete(shape)),
        ("POST", f"/{version}/projects", "CreateProject", create(shape, member)),
        ("GET", f"/{version}/projects", "ListProjects", list_projects(shape)),
        ("GET", one, "GetProject", get(shape)),
        ("DELETE", one, "DeleteProject", delete(shape)),
        ("PUT" if shape is v1 else "PATCH", one, "UpdateProject", update(shape, member)),
    )
    return tuple(
        Rpc(verb, path, SERVICE, f"{service}.{name}", do) for verb, path, name, do in table
    )


RPCS = (
    Rpc(
        "POST",
        "/v1/projects/{project}:getAncestry",
        SERVICE,
        "google.cloudresourcemanager.v1.Projects.GetAncestry",
        get_ancestry,
    ),
    Rpc(
        "GET",
        "/v3/projects:search",
        SERVICE,
        "google.cloud.resourcemanager.v3.Projects.SearchProjects",
        list_projects(v3),
    ),
    *_rpcs("v1", "google.cloudresourcemanager.v1.Projects", v1),
    *_rpcs("v3", "google.cloud.resourcemanager.v3.Projects", v3),
)
