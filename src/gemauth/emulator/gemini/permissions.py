"""Permissions on tuned models: create, get, list, patch, delete (gemini-api.md section 6).

Google documents the message and the roles. Every rule on who may grant what is the reference's
inference ("design rules"), named where it is applied. That an address belongs to somebody is not
checked: whether Google checks it is not known.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gemauth.emulator.accounts.groups import groups_of
from gemauth.emulator.gemini.grantee import read_grantee
from gemauth.emulator.iam.sharing import granted_role
from gemauth.emulator.paging import by_age
from gemauth.emulator.storage.records import Permission
from gemauth.google.gemini import refusals
from gemauth.google.gemini.method import Role
from gemauth.google.gemini.resource_names import new_permission_id

if TYPE_CHECKING:
    from gemauth.emulator.gemini.admitted import AdmittedCall
    from gemauth.google.gemini.schema import ApiMessage

__all__ = [
    "create_permission",
    "delete_permission",
    "get_permission",
    "list_permissions",
    "update_permission",
]


def create_permission(call: AdmittedCall, request: ApiMessage) -> ApiMessage:
    """Grant a role to somebody, to a group or to everyone.

    Raises:
        StatusError: INVALID_ARGUMENT; ALREADY_EXISTS for a grantee that has a permission.
    """
    grantee = read_grantee(request.permission, "CreatePermissionRequest")
    role = _read_role(request.permission, "CreatePermissionRequest", grantee.kind)
    permission = Permission(
        parent=request.parent,
        permission_id=new_permission_id(call.entropy),
        grantee_type=grantee.kind,
        email=grantee.email,
        role=role,
        created_at=call.now,
    )
    # One permission for each grantee, one for everyone: inference.
    if call.tx.find(
        Permission, parent=request.parent, grantee_type=grantee.kind, email=grantee.email
    ):
        raise refusals.already_shared(request.parent, grantee.email or "everyone")
    call.tx.add(permission)
    return _to_message(call, permission)


def get_permission(call: AdmittedCall, request: ApiMessage) -> ApiMessage:
    """Return a permission: any to a writer, to others one that names them.

    Raises:
        StatusError: NOT_FOUND to a writer; PERMISSION_DENIED to a reader, who learns by it
            nothing about what else there is.
    """
    parent, permission_id = _split(request.name)
    for permission in _visible(call, parent):
        if permission.permission_id == permission_id:
            return _to_message(call, permission)
    if _is_writer(call, parent):
        raise refusals.permission_not_found()
    raise refusals.tuned_model_forbidden(parent)


def list_permissions(call: AdmittedCall, request: ApiMessage) -> ApiMessage:
    """Return a page of a tuned model's permissions that the caller may see: 10, at most 1000."""
    permissions, token = call.page(
        "ListPermissions", request, _visible(call, request.parent), _position, request.parent
    )
    response = call.message("ListPermissionsResponse")
    response.permissions.extend(_to_message(call, permission) for permission in permissions)
    response.next_page_token = token
    return response


def update_permission(call: AdmittedCall, request: ApiMessage) -> ApiMessage:
    """Change a permission's role, which is all that can change; the mask is required and says so.

    google-generativeai sends the whole permission: what the mask leaves out is ignored.

    Raises:
        StatusError: INVALID_ARGUMENT; NOT_FOUND; FAILED_PRECONDITION for the owner's own.
    """
    if list(request.update_mask.paths) != ["role"]:
        raise refusals.invalid_field(
            "UpdatePermissionRequest", "update_mask", "must name role and nothing else"
        )
    permission = _changeable(call, request.permission.name)
    role = _read_role(request.permission, "UpdatePermissionRequest", permission.grantee_type)
    updated = replace(permission, role=role)
    call.tx.replace(updated)
    return _to_message(call, updated)


def delete_permission(call: AdmittedCall, request: ApiMessage) -> ApiMessage:
    """Take a permission back.

    Raises:
        StatusError: NOT_FOUND; FAILED_PRECONDITION for the owner's own.
    """
    permission = _changeable(call, request.name)
    call.tx.remove(Permission, permission.parent, permission.permission_id)
    return call.message("google.protobuf.Empty")


def _changeable(call: AdmittedCall, name: str) -> Permission:
    """Return the permission of a name, unless it is the owner's: that only a transfer ends."""
    permission = call.tx.get(Permission, *_split(name))
    if permission is None:
        raise refusals.permission_not_found()
    if permission.role == Role.OWNER.name:
        raise refusals.owner_permission_fixed()
    return permission


def _read_role(permission: ApiMessage, request: str, kind: str) -> str:
    """Return the role that a permission gives, which has to be one that may be given.

    Inference: ownership passes by transferOwnership alone, and everyone may be no more than
    READER, since a WRITER could share on.
    """
    field = "permission.role"
    value = permission.DESCRIPTOR.enum_types_by_name["Role"].values_by_number.get(permission.role)
    if value is None or not permission.role:
        raise refusals.invalid_field(request, field, "role is not specified")
    role: str = value.name
    if role == Role.OWNER.name:
        raise refusals.invalid_field(request, field, "OWNER is given by transferOwnership only")
    if kind == "EVERYONE" and role != Role.READER.name:
        raise refusals.invalid_field(request, field, "EVERYONE can only be a READER")
    return role


def _visible(call: AdmittedCall, parent: str) -> list[Permission]:
    """Return what the caller may see of a resource's permissions.

    Inference: a writer, who may change them, sees all; others see those that reach them.
    """
    permissions = call.tx.find(Permission, parent=parent)
    if _is_writer(call, parent):
        return permissions
    email = call.caller.email
    names = {email, "", *(groups_of(call.tx, email) if email else ())}
    return [permission for permission in permissions if permission.email in names]


def _is_writer(call: AdmittedCall, parent: str) -> bool:
    return granted_role(call.tx, parent, call.caller.email) >= Role.WRITER


def _position(permission: Permission) -> str:
    return by_age(permission.created_at, permission.permission_id)


def _split(name: str) -> tuple[str, str]:
    parent, _, permission_id = name.partition("/permissions/")
    return parent, permission_id


def _to_message(call: AdmittedCall, permission: Permission) -> ApiMessage:
    message = call.message("Permission")
    enums = message.DESCRIPTOR.enum_types_by_name
    message.name = f"{permission.parent}/permissions/{permission.permission_id}"
    message.grantee_type = enums["GranteeType"].values_by_name[permission.grantee_type].number
    message.role = enums["Role"].values_by_name[permission.role].number
    if permission.email:
        message.email_address = permission.email
    return message
