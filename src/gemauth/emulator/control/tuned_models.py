"""Tuned models that are simply there: tuning itself comes with the engines.

A record keeps the API's own JSON without `name`, `createTime` and `updateTime`, which are columns
(`emulator/gemini/tuned_models.py` shows it).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gemauth.clock import rfc3339
from gemauth.emulator.accounts import people
from gemauth.emulator.control import projects
from gemauth.emulator.control.document import invalid
from gemauth.emulator.control.endpoint import Answer, not_found
from gemauth.emulator.iam.sharing import remove_permissions
from gemauth.emulator.storage.records import Permission, ServiceAccount, TunedModel
from gemauth.google.gemini.resource_names import is_tuned_model_id, new_permission_id
from gemauth.google.invalid import InvalidRequestError
from gemauth.google.status import Code, Status, StatusError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gemauth.emulator.context import Entropy
    from gemauth.emulator.control.document import Members
    from gemauth.emulator.storage.store import Transaction

__all__ = ["NewTunedModel", "create", "delete", "tuned_model_json", "update"]

_COLUMNS = frozenset({"name", "createTime", "updateTime", "create_time", "update_time"})
BASE_MODEL = "models/gemini-1.5-flash-001-tuning"


@dataclass(frozen=True, slots=True)
class NewTunedModel:
    """A tuned model to be made; `resource` has the API's own members."""

    model_id: str
    owner: str
    project: str
    resource: Mapping[str, Any]

    @classmethod
    def read(cls, body: Members) -> NewTunedModel:
        """Read `id`, `owner`, `project` and `resource` (a TunedModel of the API)."""
        given = body.text("id")
        model_id = given.removeprefix("tunedModels/")
        if given and not is_tuned_model_id(model_id):
            body.wrong("id", "must be up to 40 of a-z 0-9 -, start with a letter, not end with -")
        resource = body.mapping("resource")
        for name in sorted(_COLUMNS & resource.keys()):
            body.wrong(f"resource.{name}", "is the server's to say")
        try:
            resource = _normal({k: v for k, v in resource.items() if k not in _COLUMNS})
        except InvalidRequestError as error:
            body.wrong("resource", error.message.replace("\n", "; "))
        return cls(model_id, body.email("owner"), body.text("project"), resource)


def create(tx: Transaction, now: float, entropy: Entropy, wanted: NewTunedModel) -> TunedModel:
    """Make a tuned model that is ACTIVE, with its owner's permission.

    Raises:
        StatusError: ALREADY_EXISTS, NOT_FOUND for the project, INVALID_ARGUMENT for the owner.
    """
    name = f"tunedModels/{wanted.model_id}"
    if tx.get(TunedModel, name) is not None:
        raise StatusError(Status(Code.ALREADY_EXISTS, f"{name} exists already."))
    project = projects.find(tx, wanted.project)
    _refuse_unknown(tx, wanted.owner)
    model = TunedModel(name, project.number, _completed(wanted.resource, now), now, now)
    tx.add(model)
    tx.add(Permission(name, new_permission_id(entropy), "USER", wanted.owner, "OWNER", now))
    return model


def update(tx: Transaction, now: float, model: TunedModel, wanted: NewTunedModel) -> TunedModel:
    """Give a tuned model the members that a seed declares; owner and project stay as they are.

    Raises:
        StatusError: INVALID_ARGUMENT: the owner or the project is another.
    """
    owners = tx.find(Permission, parent=model.name, role="OWNER")
    if wanted.owner not in {permission.email for permission in owners}:
        raise invalid("owner", f"{model.name} exists and is not owned by {wanted.owner}")
    if projects.find(tx, wanted.project).number != model.project_number:
        raise invalid("project", f"{model.name} exists in another project")
    resource = {**model.resource, **wanted.resource}
    if resource == model.resource:
        return model
    changed = TunedModel(model.name, model.project_number, resource, model.created_at, now)
    tx.replace(changed)
    return changed


def delete(tx: Transaction, model_id: str) -> Answer:
    """Delete a tuned model and every permission on it.

    Raises:
        StatusError: NOT_FOUND.
    """
    name = f"tunedModels/{model_id}"
    if not tx.remove(TunedModel, name):
        raise not_found(f"There is no {name}.")
    remove_permissions(tx, name)
    return {}


def tuned_model_json(tx: Transaction, model: TunedModel) -> Answer:
    """Return a tuned model as the control API shows one: whose it is, beside the API's members.

    Unlike the API it shows every role to whoever asks; `EVERYONE` stands in an address' place.
    """
    permissions = tx.find(Permission, parent=model.name)
    return {
        "name": model.name,
        "projectNumber": model.project_number,
        "owners": [p.email for p in permissions if p.role == "OWNER"],
        "roles": {p.email or p.grantee_type: p.role for p in permissions},
        "createTime": rfc3339(model.created_at),
        "updateTime": rfc3339(model.updated_at),
        "resource": dict(model.resource),
    }


def _normal(resource: Mapping[str, Any]) -> dict[str, Any]:
    """Return a resource as the API writes it.

    Raises:
        InvalidRequestError: it is no TunedModel.
    """
    from gemauth.google.gemini.mapping import from_dict, to_dict  # protobuf loads when needed
    from gemauth.google.gemini.schema import schema

    message = schema("v1beta").message("TunedModel")()
    from_dict(resource, message)
    return dict(to_dict(message))


def _completed(resource: Mapping[str, Any], now: float) -> dict[str, Any]:
    """Return a resource with what a finished tuning has, where the seed leaves it out."""
    moment = rfc3339(int(now))
    finished = {"startTime": moment, "completeTime": moment}
    complete = {"state": "ACTIVE", "tuningTask": finished, **resource}
    if "baseModel" not in complete and "tunedModelSource" not in complete:
        complete["baseModel"] = BASE_MODEL
    return complete


def _refuse_unknown(tx: Transaction, email: str) -> None:
    robots = tx.find(ServiceAccount, email=email, deleted_at=None)
    if people.by_email(tx, email) is None and not robots:
        raise invalid("owner", f"{email} is neither an account nor a service account")
