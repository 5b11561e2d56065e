"""Whom a new permission names: a user, a group or everyone (gemini-api.md section 6).

An absent `granteeType` is inferred from the address as google-generativeai does it on its side;
that the server accepts an absent one is our inference. Service accounts are users.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gemauth.emulator.accounts import people
from gemauth.google.gemini import refusals

if TYPE_CHECKING:
    from gemauth.google.gemini.schema import ApiMessage

__all__ = ["Grantee", "read_email", "read_grantee"]


@dataclass(frozen=True, slots=True)
class Grantee:
    """Whom a permission names; `kind` is USER, GROUP or EVERYONE, whose `email` is empty."""

    kind: str
    email: str


def read_grantee(permission: ApiMessage, request: str) -> Grantee:
    """Return the grantee of a permission as it was sent.

    Args:
        permission: the `Permission` message.
        request: the name of the request's message, for the refusal.

    Raises:
        StatusError: INVALID_ARGUMENT, an address where none may be or none where one must be.
    """
    given = permission.DESCRIPTOR.enum_types_by_name["GranteeType"].values_by_number.get(
        permission.grantee_type
    )
    if given is None:
        raise refusals.invalid_field(request, "permission.grantee_type", "unknown grantee type")
    kind = given.name if permission.grantee_type else ""
    if kind == "EVERYONE":
        if permission.email_address:
            raise refusals.invalid_field(
                request, "permission.email_address", "must not be set for grantee type EVERYONE"
            )
        return Grantee(kind, "")
    email = read_email(permission.email_address, request, "permission.email_address")
    return Grantee(kind or _inferred(email), email)


def read_email(text: str, request: str, field: str) -> str:
    """Return an address in lower case, the form that roles are compared in.

    Raises:
        StatusError: INVALID_ARGUMENT, there is none or it is no address.
    """
    if not text:
        raise refusals.invalid_field(request, field, "email address is not specified")
    try:
        return people.normal(text)
    except people.InvalidEmailError:
        raise refusals.invalid_field(request, field, "invalid email address") from None


def _inferred(email: str) -> str:
    return "GROUP" if email.endswith("googlegroups.com") else "USER"
