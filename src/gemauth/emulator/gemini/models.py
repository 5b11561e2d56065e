"""The base models: ListModels and GetModel (gemini-api.md section 4).

The table in `base_models.json` has the shape of Google's list and texts of our own; which models
Google serves changes by the month, so none of its numbers is a promise.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from gemauth.google.gemini import refusals
from gemauth.google.gemini.mapping import from_dict
from gemauth.google.gemini.schema import schema

if TYPE_CHECKING:
    from gemauth.emulator.gemini.admitted import AdmittedCall
    from gemauth.google.gemini.schema import ApiMessage

__all__ = ["base_models", "get_model", "list_models"]


@cache
def base_models() -> dict[str, dict[str, Any]]:
    """Return every base model by its name (`models/x`), as the API's JSON."""
    text = resources.files(__package__).joinpath("base_models.json").read_text("utf-8")
    return {model["name"]: model for model in json.loads(text)}


def get_model(call: AdmittedCall, request: ApiMessage) -> ApiMessage:
    """Return one base model.

    Raises:
        StatusError: NOT_FOUND.
    """
    model = _messages(call.version).get(request.name)
    if model is None:
        raise refusals.model_not_found(request.name, call.version, "getModel")
    return model


def list_models(call: AdmittedCall, request: ApiMessage) -> ApiMessage:
    """Return a page of the base models: 50 unless asked otherwise, at most 1000."""
    models, token = call.page(
        "ListModels", request, enumerate(_messages(call.version).values()), _position
    )
    response = call.message("ListModelsResponse")
    response.models.extend(model for _, model in models)
    response.next_page_token = token
    return response


def _position(numbered: tuple[int, ApiMessage]) -> str:
    return f"{numbered[0]:04}"


@cache
def _messages(version: str) -> dict[str, ApiMessage]:
    """Return every base model by its name; nobody changes these messages."""
    messages = {}
    for name, model in base_models().items():
        messages[name] = schema(version).message("Model")()
        from_dict(model, messages[name])
    return messages
