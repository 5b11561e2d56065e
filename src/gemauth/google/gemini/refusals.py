"""What the Gemini API answers when it refuses a call on its resources: the texts as data.

Each function returns a `StatusError` in the shape of the named row of gemini-api.md section 10.
Texts that are our inference say so; the reference (section 14) knows no published one for them.
Refused callers, whatever the API, are in `gemauth.google.refusals`.
"""

from __future__ import annotations

from gemauth.google.status import Code, Status, StatusError

__all__ = [
    "already_shared",
    "invalid_field",
    "method_unimplemented",
    "model_not_found",
    "operation_not_found",
    "owner_permission_fixed",
    "ownership_required",
    "permission_not_found",
    "tuned_model_forbidden",
    "tuned_model_not_found",
]


def tuned_model_forbidden(name: str) -> StatusError:
    """Row 14: the caller's role on a tuned model is not enough, or there is none."""
    message = f"You do not have permission to access tuned model {name}"
    return StatusError(Status(Code.PERMISSION_DENIED, message))


def tuned_model_not_found(name: str) -> StatusError:
    """Row 16: nobody has a tuned model of this name. The text is our inference."""
    return StatusError(Status(Code.NOT_FOUND, f"Tuned model {name} does not exist."))


def model_not_found(name: str, version: str, method: str) -> StatusError:
    """Row 15: no base model has this name.

    The published bodies are of `generateContent`; that `getModel` says the same of itself is our
    inference.
    """
    message = (
        f"{name} is not found for API version {version}, or is not supported for {method}. Call "
        "ListModels to see the list of available models and their supported methods."
    )
    return StatusError(Status(Code.NOT_FOUND, message))


def permission_not_found() -> StatusError:
    """Row 16: the generic text for a resource that does not exist."""
    return StatusError(Status(Code.NOT_FOUND, "Requested entity was not found."))


def operation_not_found() -> StatusError:
    """Row 16: the generic text, for an operation that nobody started. That it is it: inference."""
    return StatusError(Status(Code.NOT_FOUND, "Requested entity was not found."))


def ownership_required() -> StatusError:
    """Section 5: somebody else than the owner transfers ownership."""
    message = "You need to be the owner of the resource to transfer ownership"
    return StatusError(Status(Code.PERMISSION_DENIED, message))


def already_shared(parent: str, grantee: str) -> StatusError:
    """A second permission for one grantee. Code and text are our inference (section 6)."""
    message = f"A permission for {grantee} on {parent} already exists."
    return StatusError(Status(Code.ALREADY_EXISTS, message))


def owner_permission_fixed() -> StatusError:
    """The owner's own permission would go away. Code and text are our inference (section 6)."""
    message = "The owner's permission cannot be changed or deleted. Transfer the ownership first."
    return StatusError(Status(Code.FAILED_PRECONDITION, message))


def invalid_field(request: str, field: str, reason: str) -> StatusError:
    """Row 21: a value that the schema allows and the method does not.

    The shape of the message is Google's; the reasons are worded by us unless a caller cites one.

    Args:
        request: the request's message, such as `CreatePermissionRequest`.
        field: the field's path in it, in snake_case.
        reason: what is wrong, as a clause without a full stop.
    """
    return StatusError(Status(Code.INVALID_ARGUMENT, f"* {request}.{field}: {reason}\n"))


def method_unimplemented(full_name: str) -> StatusError:
    """A method that this emulator knows and does not answer; the text is ours, not Google's."""
    message = f"{full_name} is not implemented by the gemauth emulator."
    return StatusError(Status(Code.UNIMPLEMENTED, message))
