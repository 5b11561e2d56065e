"""Refusals of IAM, Service Usage and Resource Manager (google-oauth.md 5.1, 5.4, 5.5)."""

from __future__ import annotations

from typing import Any

from tests.emulator.gemini.world import NUMBER, OTHER_PROJECT, PROJECT, ROBOT
from tests.refusals.row import Row, error, info, link, localized
from tests.refusals.rows_callers import INVALID, NO_KEYS, REALM, api_key, bearer

__all__ = ["ROWS"]

IAM = "iam.googleapis.com"
ACCOUNTS = f"/v1/projects/{PROJECT}/serviceAccounts"
ROBOT_ONE = f"projects/{PROJECT}/serviceAccounts/robot-one@{PROJECT}.iam.gserviceaccount.com"
RESOURCE_INFO = "type.googleapis.com/google.rpc.ResourceInfo"
LIST = f"GET {ACCOUNTS}"
LIST_METHOD = "google.iam.admin.v1.IAM.ListServiceAccounts"
CLOUD_PLATFORM = "https://www.googleapis.com/auth/cloud-platform"
MISSING = (
    "Request is missing required authentication credential. Expected OAuth 2 access token, login "
    "cookie or other valid authentication credential. See "
    "https://developers.google.com/identity/sign-in/web/devconsole-project."
)
OFF_URL = f"https://console.developers.google.com/apis/api/{IAM}/overview?project={NUMBER}"
OFF = (
    f"Identity and Access Management (IAM) API has not been used in project {NUMBER} before or it "
    f"is disabled. Enable it by visiting {OFF_URL} then retry. If you enabled this API recently, "
    "wait a few minutes for the action to propagate to our systems and retry."
)


def denied(name: str, request: str, permission: str, resource: str, **sent: Any) -> Row:
    """Return the row of a caller without a permission."""
    return Row(
        name,
        "google-oauth.md 5.1",
        request,
        403,
        error(
            "PERMISSION_DENIED",
            f"Permission '{permission}' denied on resource '{resource}' (or it may not exist).",
            info("IAM_PERMISSION_DENIED", IAM, permission=permission, resource=resource),
        ),
        sent={**bearer("${otto}"), **sent},
    )


def refused(  # a row's columns
    name: str,
    source: str,
    request: str,
    status: int,
    code: str,
    text: str,
    details: tuple[dict[str, Any], ...] = (),
    **more: Any,
) -> Row:
    """Return the row of a request of a project's owner that is refused."""
    sent = {**bearer("${ann}"), **more.pop("sent", {})}
    return Row(name, source, request, status, error(code, text, *details), sent=sent, **more)


ADMISSION = (
    Row(
        "IAM with nothing sent",
        "gemini-api.md 10 row 6",
        LIST,
        401,
        error(
            "UNAUTHENTICATED",
            MISSING,
            info("CREDENTIALS_MISSING", service=IAM, method=LIST_METHOD),
        ),
        {"WWW-Authenticate": REALM},
    ),
    Row(
        "IAM with an API key",
        "gemini-api.md 10 row 3",
        LIST,
        401,
        error(
            "UNAUTHENTICATED",
            NO_KEYS,
            info("CREDENTIALS_MISSING", service=IAM, method=LIST_METHOD),
        ),
        {"WWW-Authenticate": REALM},
        sent=api_key("${key}"),
    ),
    Row(
        "IAM with an expired token",
        "gemini-api.md 10 row 4",
        LIST,
        401,
        error(
            "UNAUTHENTICATED",
            INVALID,
            info("ACCESS_TOKEN_EXPIRED", service=IAM, method=LIST_METHOD),
        ),
        {"WWW-Authenticate": f'{REALM}, error="invalid_token"'},
        sent=bearer("${expired}"),
    ),
    Row(
        "IAM without cloud-platform",
        "gemini-api.md 10 row 7",
        LIST,
        403,
        error(
            "PERMISSION_DENIED",
            "Request had insufficient authentication scopes.",
            info("ACCESS_TOKEN_SCOPE_INSUFFICIENT", service=IAM, method=LIST_METHOD),
        ),
        {"WWW-Authenticate": f'{REALM}, error="insufficient_scope", scope="{CLOUD_PLATFORM}"'},
        sent=bearer("${tuning}"),
    ),
    Row(
        "IAM API off",
        "gemini-api.md 10 row 8",
        LIST,
        403,
        error(
            "PERMISSION_DENIED",
            OFF,
            info(
                "SERVICE_DISABLED",
                service=IAM,
                consumer=f"projects/{NUMBER}",
                serviceTitle="Identity and Access Management (IAM) API",
                containerInfo=NUMBER,
                activationUrl=OFF_URL,
            ),
            localized(OFF),
            link("Google developers console API activation", OFF_URL),
        ),
        sent=bearer("${ann}"),
        given=lambda lab: lab.disable_service(IAM),
    ),
)

PERMISSIONS = (
    denied(
        "service account created without permission",
        f"POST {ACCOUNTS}",
        "iam.serviceAccounts.create",
        f"projects/{PROJECT}",
        json={"accountId": "robot-two"},
    ),
    denied(
        "key created without permission",
        f"POST {ACCOUNTS}/{ROBOT}/keys",
        "iam.serviceAccountKeys.create",
        f"projects/{PROJECT}/serviceAccounts/{ROBOT}",
    ),
    denied(
        "service account of an unknown project",
        "POST /v1/projects/nobodys-lab/serviceAccounts",
        "iam.serviceAccounts.create",
        "projects/nobodys-lab",
        json={"accountId": "robot-two"},
    ),
    denied(
        "unknown service account, project `-`",
        f"GET /v1/projects/-/serviceAccounts/x@{PROJECT}.iam.gserviceaccount.com",
        "iam.serviceAccounts.get",
        f"projects/-/serviceAccounts/x@{PROJECT}.iam.gserviceaccount.com",
    ),
    denied(
        "API enabled without permission",
        f"POST /v1/projects/{OTHER_PROJECT}/services/iam.googleapis.com:enable",
        "serviceusage.services.enable",
        f"projects/{OTHER_PROJECT}",
    ),
    denied(
        "APIs of an unknown project",
        "GET /v1/projects/nobodys-lab/services",
        "serviceusage.services.list",
        "projects/nobodys-lab",
    ),
    denied(
        "unknown project read",
        "GET /v1/projects/nobodys-lab",
        "resourcemanager.projects.get",
        "projects/nobodys-lab",
    ),
    denied(
        "foreign project read, v3",
        f"GET /v3/projects/{OTHER_PROJECT}",
        "resourcemanager.projects.get",
        f"projects/{OTHER_PROJECT}",
    ),
    denied(
        "foreign project deleted",
        f"DELETE /v1/projects/{OTHER_PROJECT}",
        "resourcemanager.projects.delete",
        f"projects/{OTHER_PROJECT}",
    ),
)

RESOURCES = (
    refused(
        "service account that exists",
        "google-oauth.md 5.1",
        f"POST {ACCOUNTS}",
        409,
        "ALREADY_EXISTS",
        f"Service account robot-one already exists within project projects/{PROJECT}.",
        details=({"@type": RESOURCE_INFO, "resourceName": ROBOT_ONE},),
        sent={"json": {"accountId": "robot-one"}},
        given=lambda lab: lab.change_robot(email=f"robot-one@{PROJECT}.iam.gserviceaccount.com"),
    ),
    refused(
        "service account that does not exist",
        "google-oauth.md 5.1",
        f"GET {ACCOUNTS}/x@{PROJECT}.iam.gserviceaccount.com",
        404,
        "NOT_FOUND",
        f"Service account projects/{PROJECT}/serviceAccounts/x@{PROJECT}.iam.gserviceaccount.com "
        "does not exist.",
    ),
    refused(
        "service account restored that was never deleted",
        "google-oauth.md 5.1",
        f"POST {ACCOUNTS}/{'1' * 21}:undelete",
        404,
        "NOT_FOUND",
        "Unknown service account",
    ),
    refused(
        "eleventh key",
        "google-oauth.md 5.1, 3",
        f"POST {ACCOUNTS}/{ROBOT}/keys",
        429,
        "RESOURCE_EXHAUSTED",
        "Maximum number of keys on account reached.",
        details=({"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "60s"},),
        given=lambda lab: lab.fill_keys(),
    ),
    Row(
        "accountId out of form",
        "google-oauth.md 3",
        f"POST {ACCOUNTS}",
        400,
        texts=("INVALID_ARGUMENT", "accountId"),
        sent={**bearer("${ann}"), "json": {"accountId": "r"}},
    ),
    Row(
        "project id out of form",
        "google-oauth.md 3",
        "POST /v1/projects",
        400,
        texts=("INVALID_ARGUMENT", "project_id"),
        sent={**bearer("${ann}"), "json": {"projectId": "P"}},
    ),
    refused(
        "project id that was used before",
        "google-oauth.md 3",
        "POST /v1/projects",
        409,
        "ALREADY_EXISTS",
        "Requested entity already exists",
        sent={"json": {"projectId": "gone-lab"}},
    ),
    refused(
        "policy of an old etag",
        "ours",
        f"POST /v1/projects/{PROJECT}:setIamPolicy",
        409,
        "ABORTED",
        "There were concurrent policy changes. Please retry the whole read-modify-write with "
        "exponential backoff.",
        sent={"json": {"policy": {"etag": "old", "bindings": []}}},
    ),
    Row(
        "body of IAM that is no JSON",
        "gemini-api.md 10 row 20 [I]",
        f"POST {ACCOUNTS}",
        400,
        texts=("INVALID_ARGUMENT", "Invalid JSON payload received."),
        sent={**bearer("${ann}"), "content": b"{"},
    ),
)

ROWS = (*ADMISSION, *PERMISSIONS, *RESOURCES)
