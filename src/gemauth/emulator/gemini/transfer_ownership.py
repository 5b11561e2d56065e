"""TransferOwnership: the only way for a tuned model to change its owner (gemini-api.md section 5).

The old owner becomes a WRITER, the new owner's own permission becomes the OWNER's.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gemauth.emulator.gemini.grantee import read_email
from gemauth.emulator.storage.records import Permission
from gemauth.google.gemini.resource_names import new_permission_id

if TYPE_CHECKING:
    from gemauth.emulator.gemini.admitted import AdmittedCall
    from gemauth.google.gemini.schema import ApiMessage

__all__ = ["transfer_ownership"]


def transfer_ownership(call: AdmittedCall, request: ApiMessage) -> ApiMessage:
    """Make somebody else the owner. The new owner is a user, as one address says nothing else.

    Raises:
        StatusError: INVALID_ARGUMENT, no address.
    """
    email = read_email(request.email_address, "TransferOwnershipRequest", "email_address")
    response = call.message("TransferOwnershipResponse")
    permissions = call.tx.find(Permission, parent=request.name)
    theirs = next((p for p in permissions if p.grantee_type == "USER" and p.email == email), None)
    if theirs is not None and theirs.role == "OWNER":
        return response  # to the owner: nothing to do (inference)
    for permission in permissions:
        if permission.role == "OWNER":
            call.tx.replace(replace(permission, role="WRITER"))
    if theirs is None:
        call.tx.add(
            Permission(
                parent=request.name,
                permission_id=new_permission_id(call.entropy),
                grantee_type="USER",
                email=email,
                role="OWNER",
                created_at=call.now,
            )
        )
    else:
        call.tx.replace(replace(theirs, role="OWNER"))
    return response
