"""UpdateTunedModel: what of a tuned model may change, and what an update mask picks of a body.

Source: gemini-api.md section 5. google-generativeai sends the whole current object with a mask, so
what the mask leaves out is ignored; google-genai sends no mask, so the fields of the body decide.
Which fields may change is the reference's inference, and so are the refusals of the others.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gemauth.emulator.gemini.tuned_models import to_message
from gemauth.emulator.storage.records import TunedModel
from gemauth.google.gemini import refusals
from gemauth.google.gemini.mapping import to_dict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gemauth.emulator.gemini.admitted import AdmittedCall
    from gemauth.google.gemini.schema import ApiMessage

__all__ = ["update_tuned_model"]

_REQUEST = "UpdateTunedModelRequest"
_MUTABLE = {
    "display_name": "displayName",
    "description": "description",
    "temperature": "temperature",
    "top_p": "topP",
    "top_k": "topK",
    "reader_project_numbers": "readerProjectNumbers",
}
_DISPLAY_NAME_LIMIT = 40  # characters


def update_tuned_model(call: AdmittedCall, request: ApiMessage) -> ApiMessage:
    """Change a tuned model and return it.

    Raises:
        StatusError: INVALID_ARGUMENT, for a mask of unknown or immutable fields, or a bad value.
    """
    given = request.tuned_model
    model = call.tx.get(TunedModel, given.name)
    assert model is not None  # access.check_role found it
    body = to_dict(given)
    resource: dict[str, Any] = dict(model.resource)
    changed = _changed(request)
    _validate(given, changed)
    for field in changed:
        name = _MUTABLE[field]
        if name in body:
            resource[name] = body[name]
        else:  # a mask names it and the body has its default
            resource.pop(name, None)
    updated = replace(model, resource=resource, updated_at=call.now)
    call.tx.replace(updated)
    return to_message(call, updated)


def _changed(request: ApiMessage) -> Iterable[str]:
    """Return the fields to take from the body: those of the mask, else those that are set."""
    mask = tuple(dict.fromkeys(request.update_mask.paths))
    if not mask:
        return [
            field.name for field, _ in request.tuned_model.ListFields() if field.name in _MUTABLE
        ]
    if mask == ("*",):
        return _MUTABLE
    for path in mask:
        if path not in _MUTABLE:
            known = path.split(".")[0] in request.tuned_model.DESCRIPTOR.fields_by_name
            reason = "cannot be updated" if known else "is no field of TunedModel"
            raise refusals.invalid_field(_REQUEST, "update_mask", f"{path} {reason}")
    return mask


def _validate(given: ApiMessage, changed: Iterable[str]) -> None:
    if "display_name" in changed and len(given.display_name) > _DISPLAY_NAME_LIMIT:
        raise refusals.invalid_field(
            _REQUEST,
            "tuned_model.display_name",
            f"must not have more than {_DISPLAY_NAME_LIMIT} characters",
        )
    if "temperature" in changed and not 0 <= given.temperature <= 1:
        raise refusals.invalid_field(_REQUEST, "tuned_model.temperature", "must be from 0.0 to 1.0")
