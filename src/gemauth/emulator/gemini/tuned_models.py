"""Tuned models: get, list, patch, delete (gemini-api.md section 5).

A record keeps what its owner set as the API's own JSON, without `name`, `createTime` and
`updateTime`, which are columns. Whoever writes such records (the control room) need not know more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gemauth.clock import rfc3339
from gemauth.emulator.gemini import tuned_model_filter
from gemauth.emulator.gemini.models import base_models
from gemauth.emulator.gemini.operations import remove_operations
from gemauth.emulator.iam.sharing import (
    project_role,
    remove_permissions,
    shared_with,
    shared_with_everyone,
)
from gemauth.emulator.paging import by_age
from gemauth.emulator.storage.records import TunedModel
from gemauth.google.gemini.mapping import from_dict
from gemauth.google.gemini.method import Role

if TYPE_CHECKING:
    from gemauth.emulator.gemini.admitted import AdmittedCall
    from gemauth.google.gemini.schema import ApiMessage

__all__ = ["delete_tuned_model", "get_tuned_model", "list_tuned_models", "to_message"]

# Sampling defaults, which a tuned model takes from its base model where its owner set none.
_SAMPLING = ("temperature", "topP", "topK")


def get_tuned_model(call: AdmittedCall, request: ApiMessage) -> ApiMessage:
    """Return one tuned model."""
    model = call.tx.get(TunedModel, request.name)
    assert model is not None  # access.check_role found it
    return to_message(call, model)


def list_tuned_models(call: AdmittedCall, request: ApiMessage) -> ApiMessage:
    """Return a page of the tuned models that the caller may see: 10, at most 1000.

    Raises:
        StatusError: INVALID_ARGUMENT, a filter that cannot be read.
    """
    wanted = tuned_model_filter.parse(request.filter)
    own = shared_with(call.tx, call.caller.email)
    everyones = shared_with_everyone(call.tx)
    visible = (
        model
        for model in call.tx.find(TunedModel)
        if wanted.accepts(
            _text(model),
            max(own.get(model.name, Role.NONE), project_role(model, call.caller)),
            everyone=model.name in everyones,
        )
    )
    models, token = call.page("ListTunedModels", request, visible, _position, request.filter)
    response = call.message("ListTunedModelsResponse")
    response.tuned_models.extend(to_message(call, model) for model in models)
    response.next_page_token = token
    return response


def delete_tuned_model(call: AdmittedCall, request: ApiMessage) -> ApiMessage:
    """Delete a tuned model, and with it every permission on it and its operations."""
    call.tx.remove(TunedModel, request.name)
    remove_permissions(call.tx, request.name)
    remove_operations(call.tx, request.name)
    return call.message("google.protobuf.Empty")


def to_message(call: AdmittedCall, model: TunedModel) -> ApiMessage:
    """Return a record as the API shows it.

    Training data is input only, and the official Python SDK breaks on it and on
    `learningRateMultiplier` (gemini-api.md section 0, fact 8): neither is ever answered.
    """
    resource: dict[str, Any] = dict(model.resource)
    base = base_models().get(_base_model(call, resource), {})
    for name in _SAMPLING:
        if name in base:
            resource.setdefault(name, base[name])
    message = call.message("TunedModel")
    from_dict(resource, message)
    message.name = model.name
    message.create_time.FromJsonString(rfc3339(model.created_at))
    message.update_time.FromJsonString(rfc3339(model.updated_at))
    if message.HasField("tuned_model_source") and not message.tuned_model_source.base_model:
        message.tuned_model_source.base_model = _base_model(call, resource)
    if message.HasField("tuning_task"):
        message.tuning_task.ClearField("training_data")
        message.tuning_task.hyperparameters.ClearField("learning_rate_multiplier")
    return message


def _base_model(call: AdmittedCall, resource: dict[str, Any]) -> str:
    """Return the base model below a tuned model, through the tuned model that it was made from."""
    seen: set[str] = set()
    while True:
        source = resource.get("tunedModelSource", {})
        base: str = resource.get("baseModel") or source.get("baseModel", "")
        parent = source.get("tunedModel")
        if base or not parent or parent in seen:
            return base
        seen.add(parent)
        model = call.tx.get(TunedModel, parent)
        resource = {} if model is None else dict(model.resource)


def _position(model: TunedModel) -> str:
    return by_age(model.created_at, model.name)


def _text(model: TunedModel) -> str:
    """Return what a filter's free text is looked for in."""
    return f"{model.resource.get('displayName', '')}\n{model.resource.get('description', '')}"
