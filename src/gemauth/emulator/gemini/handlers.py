"""Which function answers which method, in one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gemauth.emulator.gemini import models, operations, permissions, tuned_models
from gemauth.emulator.gemini.admitted import AdmittedCall
from gemauth.emulator.gemini.transfer_ownership import transfer_ownership
from gemauth.emulator.gemini.tuned_model_update import update_tuned_model
from gemauth.google.gemini.schema import ApiMessage

__all__ = ["HANDLERS", "Handler"]

Handler = Callable[[AdmittedCall, ApiMessage], ApiMessage]

# A streaming method's handler returns an async generator of messages, which runs after the
# transaction (decision 0013).
# By RPC name; a test holds it to the methods and routes that the contract calls implemented.
HANDLERS: Mapping[str, Handler] = {
    "GetModel": models.get_model,
    "ListModels": models.list_models,
    "GetTunedModel": tuned_models.get_tuned_model,
    "ListTunedModels": tuned_models.list_tuned_models,
    "UpdateTunedModel": update_tuned_model,
    "DeleteTunedModel": tuned_models.delete_tuned_model,
    "CreatePermission": permissions.create_permission,
    "GetPermission": permissions.get_permission,
    "ListPermissions": permissions.list_permissions,
    "UpdatePermission": permissions.update_permission,
    "DeletePermission": permissions.delete_permission,
    "TransferOwnership": transfer_ownership,
    "GetOperation": operations.get_operation,
    "ListOperations": operations.list_operations,
}
