from __future__ import annotations

import pytest

from gemauth.google.gemini import refusals
from gemauth.google.status import Code, StatusError

TABLE = [
    (
        refusals.tuned_model_forbidden("tunedModels/x"),
        Code.PERMISSION_DENIED,
        "You do not have permission to access tuned model tunedModels/x",
    ),
    (
        refusals.tuned_model_not_found("tunedModels/x"),
        Code.NOT_FOUND,
        "Tuned model tunedModels/x does not exist.",
    ),
    (
        refusals.model_not_found("models/m", "v1", "generateContent"),
        Code.NOT_FOUND,
        (
            "models/m is not found for API version v1, or is not supported for generateContent. "
            "Call ListModels to see the list of available models and their supported methods."
        ),
    ),
    (refusals.permission_not_found(), Code.NOT_FOUND, "Requested entity was not found."),
    (
        refusals.ownership_required(),
        Code.PERMISSION_DENIED,
        "You need to be the owner of the resource to transfer ownership",
    ),
    (
        refusals.invalid_field("CreatePermissionRequest", "permission.role", "is bad"),
        Code.INVALID_ARGUMENT,
        "* CreatePermissionRequest.permission.role: is bad\n",
    ),
]


@pytest.mark.parametrize(("error", "code", "message"), TABLE)
def test_texts(error: StatusError, code: Code, message: str) -> None:
    """Codes and texts are those of gemini-api.md section 10, rows 14 to 16 and 21, and 5."""
    assert (error.status.code, error.status.message, error.status.details) == (code, message, ())
    assert error.www_authenticate is None


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (refusals.already_shared("tunedModels/x", "a@example.com"), Code.ALREADY_EXISTS),
        (refusals.owner_permission_fixed(), Code.FAILED_PRECONDITION),
        (refusals.method_unimplemented("p.S.M"), Code.UNIMPLEMENTED),
    ],
)
def test_codes_of_our_own_texts(error: StatusError, code: Code) -> None:
    """Where no text of Google's is known, the code is what a program can hold on to."""
    assert error.status.code is code
