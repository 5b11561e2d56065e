"""Refusals of the Gemini API's requests and on its resources (gemini-api.md 5, 6, 10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.emulator.gemini.world import ANN, MODEL, OTTO, RIA, WILL
from tests.refusals.row import Row, bad_request, error
from tests.refusals.rows_callers import MODELS, PACKAGE, bearer

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ROWS"]

FORBIDDEN = f"You do not have permission to access tuned model {MODEL}"
TUNED = f"/v1beta/{MODEL}"
PERMISSIONS = f"{TUNED}/permissions"


def body_of(email: str, body: Any) -> dict[str, Any]:
    """Return what sends a JSON body as a person."""
    return {**bearer(f"${{{email.partition('@')[0]}}}"), "json": body}


def semantic(name: str, source: str, request: str, sent: Mapping[str, Any], message: str) -> Row:
    """Return the row of a request that the schema allows and the method does not (row 21)."""
    return Row(name, source, request, 400, error("INVALID_ARGUMENT", message), sent=sent)


def unknown_names(
    name: str, request: str, sent: Mapping[str, Any], *found: tuple[str | None, str]
) -> Row:
    """Return the row of a request that does not fit the schema (row 20)."""
    message = "\n".join(text for _, text in found)
    return Row(
        name,
        "gemini-api.md 10 row 20",
        request,
        400,
        error("INVALID_ARGUMENT", message, bad_request(*found)),
        sent=sent,
    )


RESOURCES = (
    Row(
        "unknown base model",
        "gemini-api.md 10 row 15",
        "GET /v1beta/models/gemini-9",
        404,
        error(
            "NOT_FOUND",
            "models/gemini-9 is not found for API version v1beta, or is not supported for "
            "getModel. Call ListModels to see the list of available models and their supported "
            "methods.",
        ),
        sent=bearer("${ann}"),
    ),
    *(
        Row(name, source, request, 403, error("PERMISSION_DENIED", FORBIDDEN), sent=sent)
        for name, source, request, sent in (
            ("stranger reads", "gemini-api.md 10 row 14", f"GET {TUNED}", bearer("${otto}")),
            ("robot reads", "gemini-api.md 10 row 14", f"GET {TUNED}", bearer("${robot}")),
            (
                "self-signed JWT reads",
                "gemini-api.md 10 row 14",
                f"GET {TUNED}",
                bearer("${self_signed}"),
            ),
            ("reader changes", "gemini-api.md 5 [I]", f"PATCH {TUNED}", body_of(RIA, {})),
            ("reader deletes", "gemini-api.md 5 [I]", f"DELETE {TUNED}", bearer("${ria}")),
            ("writer deletes", "gemini-api.md 5, 6", f"DELETE {TUNED}", bearer("${will}")),
            (
                "reader shares",
                "gemini-api.md 6",
                f"POST {PERMISSIONS}",
                body_of(RIA, {"emailAddress": OTTO, "role": "READER"}),
            ),
            (
                "group's member shares",
                "gemini-api.md 6",
                f"POST {PERMISSIONS}",
                body_of("gus@", {"emailAddress": OTTO, "role": "READER"}),
            ),
            (
                "reader takes a permission back",
                "gemini-api.md 6 [I]",
                f"DELETE {PERMISSIONS}/p3",
                bearer("${ria}"),
            ),
            (
                "reader raises his own role",
                "gemini-api.md 6 [I]",
                f"PATCH {PERMISSIONS}/p3?updateMask=role",
                body_of(RIA, {"role": "WRITER"}),
            ),
            (
                "reader reads another's permission",
                "gemini-api.md 6 [I]",
                f"GET {PERMISSIONS}/p1",
                bearer("${ria}"),
            ),
            (
                "stranger lists permissions",
                "gemini-api.md 6 [I]",
                f"GET {PERMISSIONS}",
                bearer("${otto}"),
            ),
        )
    ),
    Row(
        "writer transfers ownership",
        "gemini-api.md 5",
        f"POST {TUNED}:transferOwnership",
        403,
        error(
            "PERMISSION_DENIED", "You need to be the owner of the resource to transfer ownership"
        ),
        sent=body_of(WILL, {"emailAddress": WILL}),
    ),
    Row(
        "missing tuned model",
        "gemini-api.md 10 row 16 [I]",
        "GET /v1beta/tunedModels/none",
        404,
        error("NOT_FOUND", "Tuned model tunedModels/none does not exist."),
        sent=bearer("${ann}"),
    ),
    Row(
        "missing permission",
        "gemini-api.md 10 row 16",
        f"GET {PERMISSIONS}/none",
        404,
        error("NOT_FOUND", "Requested entity was not found."),
        sent=bearer("${ann}"),
    ),
    Row(
        "second permission for one grantee",
        "gemini-api.md 6 [I], ours",
        f"POST {PERMISSIONS}",
        409,
        error("ALREADY_EXISTS", f"A permission for {RIA} on {MODEL} already exists."),
        sent=body_of(ANN, {"emailAddress": "Ria@Example.com", "role": "WRITER"}),
    ),
    Row(
        "owner's permission deleted",
        "gemini-api.md 6 [I], ours",
        f"DELETE {PERMISSIONS}/p1",
        400,
        error(
            "FAILED_PRECONDITION",
            "The owner's permission cannot be changed or deleted. Transfer the ownership first.",
        ),
        sent=bearer("${ann}"),
    ),
    *(
        Row(
            f"not implemented: {method}",
            "issue 2 section 2, ours",
            request,
            501,
            error(
                "UNIMPLEMENTED",
                f"{PACKAGE}.{method} is not implemented by the gemauth emulator.",
            ),
            sent=body_of(ANN, {}),
        )
        for request, method in (
            ("POST /v1beta/tunedModels", "ModelService.CreateTunedModel"),
            (
                "POST /v1beta/models/gemini-2.5-flash:generateContent",
                "GenerativeService.GenerateContent",
            ),
            ("POST /v1beta/corpora", "RetrieverService.CreateCorpus"),
        )
    ),
    Row(
        "path that the API does not have",
        "ours",
        "GET /v1beta/nothing",
        404,
        headers={"Content-Type": "text/html; charset=utf-8"},
        texts=("404", "gemauth emulator"),
    ),
)

UNKNOWN = 'Invalid JSON payload received. Unknown name "{}"{}: Cannot find field.'

REQUESTS = (
    unknown_names(
        "unknown field",
        f"PATCH {TUNED}",
        body_of(ANN, {"colour": 1}),
        ("tuned_model", UNKNOWN.format("colour", " at 'tuned_model'")),
    ),
    unknown_names(
        "unknown fields, deep and shallow",
        f"PATCH {TUNED}",
        body_of(ANN, {"tuningTask": {"x": 1}, "y": 2}),
        ("tuned_model.tuning_task", UNKNOWN.format("x", " at 'tuned_model.tuning_task'")),
        ("tuned_model", UNKNOWN.format("y", " at 'tuned_model'")),
    ),
    unknown_names(
        "unknown field of the request itself",
        f"POST {TUNED}:transferOwnership",
        body_of(ANN, {"email": OTTO}),
        (None, UNKNOWN.format("email", "")),
    ),
    unknown_names(
        "unknown query parameter",
        f"{MODELS}?size=3",
        bearer("${ann}"),
        (
            None,
            (
                'Invalid JSON payload received. Unknown name "size": Cannot bind query parameter. '
                "Field 'size' could not be found in request message."
            ),
        ),
    ),
    unknown_names(
        "JSON sent as a form, as curl does by default",
        f"PATCH {TUNED}",
        {
            **bearer("${ann}", **{"Content-Type": "application/x-www-form-urlencoded"}),
            "content": b'{"description":"d"}',
        },
        (
            None,
            (
                'Invalid JSON payload received. Unknown name "{"description":"d"}": Cannot bind '
                'query parameter. Field \'{"description":"d"}\' could not be found in request '
                "message."
            ),
        ),
    ),
    unknown_names(
        "unknown enum value",
        f"POST {PERMISSIONS}",
        body_of(ANN, {"emailAddress": OTTO, "role": "KING"}),
        (
            "permission.role",
            (
                "Invalid value at 'permission.role' "
                f'(type.googleapis.com/{PACKAGE}.Permission.Role), "KING"'
            ),
        ),
    ),
    Row(
        "body that is no JSON",
        "gemini-api.md 10 row 20 [I]",
        f"POST {PERMISSIONS}",
        400,
        texts=("INVALID_ARGUMENT", "Invalid JSON payload received."),
        sent={**bearer("${ann}"), "content": b"{role: READER}"},
    ),
    *(
        semantic(name, f"gemini-api.md {source}", request, sent, message)
        for name, source, request, sent, message in (
            (
                "permission without a role",
                "10 row 21, 6",
                f"POST {PERMISSIONS}",
                body_of(ANN, {"emailAddress": OTTO}),
                "* CreatePermissionRequest.permission.role: role is not specified\n",
            ),
            (
                "permission without an address",
                "10 row 21, 6",
                f"POST {PERMISSIONS}",
                body_of(ANN, {"granteeType": "USER", "role": "READER"}),
                (
                    "* CreatePermissionRequest.permission.email_address: email address is not "
                    "specified\n"
                ),
            ),
            (
                "EVERYONE with an address",
                "10 row 21, 6",
                f"POST {PERMISSIONS}",
                body_of(ANN, {"granteeType": 3, "emailAddress": OTTO, "role": 3}),
                (
                    "* CreatePermissionRequest.permission.email_address: must not be set for "
                    "grantee "
                    "type EVERYONE\n"
                ),
            ),
            (
                "EVERYONE as writer",
                "6 [I]",
                f"POST {PERMISSIONS}",
                body_of(ANN, {"granteeType": "EVERYONE", "role": "WRITER"}),
                "* CreatePermissionRequest.permission.role: EVERYONE can only be a READER\n",
            ),
            (
                "second owner",
                "6 [I]",
                f"POST {PERMISSIONS}",
                body_of(ANN, {"emailAddress": OTTO, "role": "OWNER"}),
                (
                    "* CreatePermissionRequest.permission.role: OWNER is given by "
                    "transferOwnership "
                    "only\n"
                ),
            ),
            (
                "permission changed without a mask",
                "6",
                f"PATCH {PERMISSIONS}/p3",
                body_of(ANN, {"role": "WRITER"}),
                "* UpdatePermissionRequest.update_mask: must name role and nothing else\n",
            ),
            (
                "immutable field in the mask",
                "5 [I]",
                f"PATCH {TUNED}?updateMask=baseModel",
                body_of(ANN, {"baseModel": "models/aqa"}),
                "* UpdateTunedModelRequest.update_mask: base_model cannot be updated\n",
            ),
            (
                "display name of 41 characters",
                "5, 10 row 21",
                f"PATCH {TUNED}",
                body_of(ANN, {"displayName": "x" * 41}),
                (
                    "* UpdateTunedModelRequest.tuned_model.display_name: must not have more than "
                    "40 "
                    "characters\n"
                ),
            ),
            (
                "filter about somebody else",
                "5 [I]",
                f"GET /v1beta/tunedModels?filter=owner:{OTTO}",
                bearer("${ann}"),
                (
                    f"* ListTunedModelsRequest.filter: owner:{OTTO} is none of owner:me, "
                    "writers:me, "
                    "readers:me and readers:everyone\n"
                ),
            ),
        )
    ),
    Row(
        "negative page size",
        "gemini-api.md 1 [I]",
        f"{MODELS}?pageSize=-1",
        400,
        texts=("INVALID_ARGUMENT", "page_size"),
        sent=bearer("${ann}"),
    ),
    Row(
        "page token that nobody issued",
        "gemini-api.md 1 [I]",
        f"{MODELS}?pageToken=abc",
        400,
        texts=("INVALID_ARGUMENT", "page_token"),
        sent=bearer("${ann}"),
    ),
)

ROWS = (*RESOURCES, *REQUESTS)
