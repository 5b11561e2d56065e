"""Long-running operations: google.longrunning.Operations Get and List (gemini-api.md section 9).

Those of tuned models are answered; what starts one keeps a record whose name is
`tunedModels/{id}/operations/{id}`. Whoever may read a tuned model may see its operations, which
end with it: our inference.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gemauth.emulator.iam.sharing import role_on
from gemauth.emulator.paging import by_age
from gemauth.emulator.storage.records import Operation, TunedModel
from gemauth.google.gemini import refusals
from gemauth.google.gemini.mapping import from_dict
from gemauth.google.gemini.method import OPERATIONS, Role

if TYPE_CHECKING:
    from gemauth.emulator.gemini.admitted import AdmittedCall
    from gemauth.emulator.storage.store import Transaction
    from gemauth.google.gemini.schema import ApiMessage

__all__ = ["get_operation", "is_of_tuned_models", "list_operations", "remove_operations"]

_OF_ALL = frozenset({"", "operations"})  # gRPC clients name nothing, /v1/operations its collection
_PARENT = re.compile(r"tunedModels/[^/]+")
_TUNED_MODEL = re.compile(r"(tunedModels/[^/]+)/operations/[^/]+")


def is_of_tuned_models(name: str) -> bool:
    """Whether a request with this name is about operations of tuned models."""
    return name in _OF_ALL or name.startswith("tunedModels/")


def get_operation(call: AdmittedCall, request: ApiMessage) -> ApiMessage:
    """Return one operation of a tuned model.

    Raises:
        StatusError: NOT_FOUND, or UNIMPLEMENTED for another resource's.
    """
    if not is_of_tuned_models(request.name):
        raise refusals.method_unimplemented(f"{OPERATIONS}.GetOperation of {request.name}")
    operation = call.tx.get(Operation, request.name)
    if operation is None or not _TUNED_MODEL.fullmatch(request.name):
        raise refusals.operation_not_found()
    return _to_message(call, operation)


def list_operations(call: AdmittedCall, request: ApiMessage) -> ApiMessage:
    """Return a page of a tuned model's operations, or of all that the caller may see.

    Raises:
        StatusError: UNIMPLEMENTED for another resource's, INVALID_ARGUMENT for a filter or for a
            name that has no operations.
    """
    if not is_of_tuned_models(request.name):
        raise refusals.method_unimplemented(f"{OPERATIONS}.ListOperations of {request.name}")
    if request.name not in _OF_ALL and not _PARENT.fullmatch(request.name):
        reason = "unexpected resource name format"
        raise refusals.invalid_field("ListOperationsRequest", "name", reason)
    if request.filter:
        raise refusals.invalid_field("ListOperationsRequest", "filter", "filters are not supported")
    visible = [
        operation
        for operation in call.tx.find(Operation)
        if (model := _TUNED_MODEL.fullmatch(operation.name))
        and (request.name in {model[1], *_OF_ALL})
        and _may_read(call, model[1])
    ]
    operations, token = call.page("ListOperations", request, visible, _position, request.name)
    response = call.message("google.longrunning.ListOperationsResponse")
    response.operations.extend(_to_message(call, operation) for operation in operations)
    response.next_page_token = token
    return response


def remove_operations(tx: Transaction, model: str) -> None:
    """Delete every operation of a tuned model, which is about to go itself."""
    for operation in tx.find(Operation):
        if operation.name.startswith(f"{model}/operations/"):
            tx.remove(Operation, operation.name)


def _may_read(call: AdmittedCall, name: str) -> bool:
    model = call.tx.get(TunedModel, name)
    return model is not None and role_on(call.tx, model, call.caller) >= Role.READER


def _to_message(call: AdmittedCall, operation: Operation) -> ApiMessage:
    message = call.message("google.longrunning.Operation")
    from_dict(dict(operation.body), message)
    return message


def _position(operation: Operation) -> str:
    return by_age(operation.created_at, operation.name)
