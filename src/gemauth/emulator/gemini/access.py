"""Which role a method takes on the tuned model that its request names; whether the caller has it.

The roles per method stand in the contract (`Method.role`); who has which is decided by
`iam.sharing`. The last of the checks before a handler (gemini-api.md section 2, step 9).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.emulator.iam.sharing import role_on
from gemauth.emulator.storage.records import TunedModel
from gemauth.google.gemini import refusals
from gemauth.google.gemini.method import OPERATIONS, Method, Role
from gemauth.google.gemini.methods import TRANSFER_OWNERSHIP
from gemauth.google.gemini.routes import template

if TYPE_CHECKING:
    from gemauth.emulator.gemini.admitted import AdmittedCall
    from gemauth.google.gemini.schema import ApiMessage

__all__ = ["check_role", "tuned_model_of"]


def check_role(call: AdmittedCall, method: Method, request: ApiMessage) -> None:
    """Refuse a caller whose role on the named tuned model is below what the method takes.

    A missing model is told apart from a forbidden one, for every caller. Google's text for a
    missing one is unknown; that it is 404 is our inference (section 10, row 16).

    Raises:
        StatusError: NOT_FOUND or PERMISSION_DENIED.
    """
    if method.role is Role.NONE:
        return
    name = tuned_model_of(method, request)
    if method.service == OPERATIONS and not name.startswith("tunedModels/"):
        return  # of another resource, or of all that the caller may see
    model = call.tx.get(TunedModel, name)
    if model is None:
        raise refusals.tuned_model_not_found(name)
    if role_on(call.tx, model, call.caller) < method.role:
        if method is TRANSFER_OWNERSHIP:
            raise refusals.ownership_required()
        raise refusals.tuned_model_forbidden(name)


def tuned_model_of(method: Method, request: ApiMessage) -> str:
    """Return the name of the tuned model that a request is about: `tunedModels/x`.

    The field that names it, or something below it, is the one that the REST path fills.
    """
    value = request
    for part in template(method.path).field.split("."):
        value = getattr(value, part)
    return "/".join(str(value).split("/")[:2])
