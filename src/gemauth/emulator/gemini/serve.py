"""One call of the API from its credentials to its answer, whatever transport brought it.

The order of the steps is the reference's recommendation, consistent with every published refusal
(gemini-api.md section 2). `routes.py` brings REST calls here, `grpc/` gRPC's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gemauth.emulator.gemini.access import check_role
from gemauth.emulator.gemini.admitted import AdmittedCall
from gemauth.emulator.gemini.handlers import HANDLERS
from gemauth.emulator.gemini.operations import is_of_tuned_models
from gemauth.emulator.iam.admission import Call, Carriers, admit
from gemauth.google.endpoints import GEMINI_SERVICE
from gemauth.google.gemini import refusals
from gemauth.google.gemini.method import OPERATIONS
from gemauth.google.gemini.methods import GET_TUNED_MODEL, UPDATE_TUNED_MODEL

if TYPE_CHECKING:
    from collections.abc import Callable

    from gemauth.emulator.context import Context
    from gemauth.emulator.paging import Pager
    from gemauth.google.gemini.method import Method
    from gemauth.google.gemini.schema import ApiMessage

__all__ = ["Incoming", "serve"]

_TUNED_MODELS = frozenset(
    {
        "CreateTunedModel",
        "DeleteTunedModel",
        "GetTunedModel",
        "ListTunedModels",
        "UpdateTunedModel",
    }
)


@dataclass(frozen=True, slots=True)
class Incoming:
    """A call as its transport understood it.

    Args:
        method: what is called.
        version: `v1`, `v1beta` or `v1alpha`.
        implemented: whether this way to call the method is answered.
        carriers: the credentials.
        decode: makes the request message, and raises InvalidRequestError where none comes out.
    """

    method: Method
    version: str
    implemented: bool
    carriers: Carriers
    decode: Callable[[], ApiMessage]


def serve(context: Context, pager: Pager, incoming: Incoming) -> ApiMessage:
    """Return the answer to a call.

    Raises:
        StatusError: the first of the steps that refuses.
    """
    method = incoming.method
    demands = _demands(context, incoming)
    handler = HANDLERS.get(method.name) if incoming.implemented else None
    transaction = context.store.read if method.verb == "GET" else context.store.write
    with transaction() as tx:
        now = context.clock.now()
        caller = admit(tx, now, demands, incoming.carriers)
        if handler is None and not method.retired:
            raise refusals.method_unimplemented(demands.method)
        call = AdmittedCall(tx, now, caller, incoming.version, context.entropy, pager)
        request = incoming.decode()
        if handler is None:
            rpc = method.name[0].lower() + method.name[1:]
            raise refusals.model_not_found(request.model, incoming.version, rpc)
        if method.service == OPERATIONS and is_of_tuned_models(request.name):
            admit(tx, now, _demands_of_tuned_models(context, demands, method), incoming.carriers)
        check_role(call, method, request)
        return handler(call, request)


def _demands(context: Context, incoming: Incoming) -> Call:
    """Return what the contract and the settings ask of the caller of a method."""
    method = incoming.method
    key_is_enough = method.key_allowed
    if method.name in _TUNED_MODELS:
        key_is_enough &= context.settings.accept_standard_api_keys_on_tuned_models
    return Call(
        service=GEMINI_SERVICE,
        method=method.full_name(incoming.version),
        scopes=method.scopes,
        takes_keys=True,
        needs_principal=not key_is_enough,
    )


def _demands_of_tuned_models(context: Context, demands: Call, method: Method) -> Call:
    """Return what an operation of a tuned model asks for: as much as the tuned model.

    Only its name tells it from other operations, so this is known when the request is read.
    """
    like = GET_TUNED_MODEL if method.verb == "GET" else UPDATE_TUNED_MODEL
    by_key = context.settings.accept_standard_api_keys_on_tuned_models
    return replace(demands, scopes=like.scopes, needs_principal=not by_key)
