"""Refusals of the Gemini API's callers: credential, scopes, consumer project (gemini-api.md 10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.emulator.gemini.world import (
    ANN,
    MODEL,
    NUMBER,
    OTHER_NUMBER,
    OTHER_PROJECT,
    OTTO,
    PROJECT,
)
from tests.refusals.row import SERVICE, Row, error, info, link, localized

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ROWS"]

PACKAGE = "google.ai.generativelanguage.v1beta"
REALM = 'Bearer realm="https://accounts.google.com/"'
AUTH = "https://www.googleapis.com/auth/generative-language"
ANY = " ".join(
    (
        AUTH,
        f"{AUTH}.tuning",
        f"{AUTH}.tuning.readonly",
        f"{AUTH}.retriever",
        f"{AUTH}.retriever.readonly",
    )
)
UNREGISTERED = (
    "Method doesn't allow unregistered callers (callers without established identity). Please use "
    "API Key or other form of API consumer identity to call this API."
)
INVALID = (
    "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie "
    "or other valid authentication credential. See "
    "https://developers.google.com/identity/sign-in/web/devconsole-project."
)
NO_KEYS = (
    "API keys are not supported by this API. Expected OAuth2 access token or other authentication "
    "credentials that assert a principal. See https://cloud.google.com/docs/authentication"
)
KEY_NOT_VALID = "API key not valid. Please pass a valid API key."
MODELS = "GET /v1beta/models"
LIST_MODELS = f"{PACKAGE}.ModelService.ListModels"
TUNED = f"/v1beta/{MODEL}"
PERMISSIONS = f"{TUNED}/permissions"


def bearer(value: str, **headers: str) -> dict[str, Any]:
    """Return what sends a bearer token."""
    return {"headers": {"Authorization": f"Bearer {value}", **headers}}


def api_key(value: str) -> dict[str, Any]:
    """Return what sends an API key."""
    return {"headers": {"x-goog-api-key": value}}


def invalid_token(reason: str, method: str = LIST_MODELS) -> dict[str, Any]:
    """Return the body of a 401 for a bearer token."""
    domain = None if reason == "ACCESS_TOKEN_TYPE_UNSUPPORTED" else "googleapis.com"
    return error("UNAUTHENTICATED", INVALID, info(reason, domain, service=SERVICE, method=method))


def scope_row(name: str, source: str, request: str, token: str, method: str, listed: str) -> Row:
    """Return the row of a token without an accepted scope."""
    return Row(
        name,
        source,
        request,
        403,
        error(
            "PERMISSION_DENIED",
            "Request had insufficient authentication scopes.",
            info("ACCESS_TOKEN_SCOPE_INSUFFICIENT", service=SERVICE, method=method),
        ),
        {"WWW-Authenticate": f'{REALM}, error="insufficient_scope", scope="{listed}"'},
        sent=bearer(token),
    )


def token_row(name: str, source: str, token: str, reason: str, **more: Any) -> Row:
    """Return the row of a bearer token that is not accepted."""
    challenge = {"WWW-Authenticate": f'{REALM}, error="invalid_token"'}
    return Row(
        name,
        source,
        MODELS,
        401,
        invalid_token(reason),
        challenge,
        **{"sent": bearer(token), **more},
    )


def api_off(name: str, sent: Mapping[str, Any], project: str, number: str) -> Row:
    """Return the row of the API being off in a project (row 8)."""
    url = f"https://console.developers.google.com/apis/api/{SERVICE}/overview?project={number}"
    message = (
        f"Generative Language API has not been used in project {number} before or it is disabled. "
        f"Enable it by visiting {url} then retry. If you enabled this API recently, wait a few "
        "minutes for the action to propagate to our systems and retry."
    )
    return Row(
        name,
        "gemini-api.md 10 row 8; google-oauth.md 5.7",
        MODELS,
        403,
        error(
            "PERMISSION_DENIED",
            message,
            info(
                "SERVICE_DISABLED",
                service=SERVICE,
                consumer=f"projects/{number}",
                serviceTitle="Generative Language API",
                containerInfo=number,
                activationUrl=url,
            ),
            localized(message),
            link("Google developers console API activation", url),
        ),
        {"WWW-Authenticate": None},
        sent=sent,
        given=lambda lab: lab.disable_api(project),
    )


def consumer_invalid(name: str, project: str) -> Row:
    """Return the row of a quota project that is not there (row 11)."""
    message = f"Permission denied on resource project {project}."
    return Row(
        name,
        "gemini-api.md 10 row 11; google-oauth.md 5.7",
        MODELS,
        403,
        error(
            "PERMISSION_DENIED",
            message,
            info(
                "CONSUMER_INVALID",
                service=SERVICE,
                consumer=f"projects/{project}",
                containerInfo=project,
            ),
            localized(message),
            link("Google developers console", "https://console.developers.google.com"),
        ),
        sent=bearer("${ann}", **{"x-goog-user-project": project}),
    )


def no_keys(name: str, source: str, request: str, method: str, **sent: Any) -> Row:
    """Return the row of a key on a method that needs a principal (row 3)."""
    return Row(
        name,
        source,
        request,
        401,
        error(
            "UNAUTHENTICATED",
            NO_KEYS,
            info("CREDENTIALS_MISSING", service=SERVICE, method=f"{PACKAGE}.{method}"),
        ),
        {"WWW-Authenticate": REALM},
        sent={**api_key("${key}"), **sent},
    )


QUOTA_URL = f"https://console.developers.google.com/iam-admin/iam/project?project={OTHER_PROJECT}"
GCLOUD = (
    "Your application is authenticating by using local Application Default Credentials. The "
    f"{SERVICE} API requires a quota project, which is not set by default. To learn how to set "
    "your quota project, see "
    "https://cloud.google.com/docs/authentication/adc-troubleshooting/user-creds ."
)

CREDENTIALS = (
    Row(
        "nothing sent",
        "gemini-api.md 10 row 1",
        MODELS,
        403,
        error("PERMISSION_DENIED", UNREGISTERED),
        {"WWW-Authenticate": None, "Content-Type": "application/json; charset=UTF-8"},
    ),
    Row(
        "nothing sent, to a method that takes no keys",
        "gemini-api.md 10 row 1 [I]",
        f"GET {PERMISSIONS}",
        403,
        error("PERMISSION_DENIED", UNREGISTERED),
    ),
    Row(
        "unknown key",
        "gemini-api.md 10 row 2",
        MODELS,
        400,
        error(
            "INVALID_ARGUMENT",
            KEY_NOT_VALID,
            info("API_KEY_INVALID", service=SERVICE),
            localized(KEY_NOT_VALID),
        ),
        sent=api_key("AIzaNobodyIssuedThis"),
    ),
    Row(
        "unknown key in the query",
        "gemini-api.md 10 row 2",
        f"{MODELS}?key=AIzaNobodyIssuedThis",
        400,
        error(
            "INVALID_ARGUMENT",
            KEY_NOT_VALID,
            info("API_KEY_INVALID", service=SERVICE),
            localized(KEY_NOT_VALID),
        ),
    ),
    Row(
        "auth key of a disabled service account",
        "gemini-api.md 2, 10 row 2 [I]",
        MODELS,
        400,
        error(
            "INVALID_ARGUMENT",
            KEY_NOT_VALID,
            info("API_KEY_INVALID", service=SERVICE),
            localized(KEY_NOT_VALID),
        ),
        sent=api_key("${auth_key}"),
        given=lambda lab: lab.change_robot(disabled=True),
    ),
    no_keys(
        "standard key lists permissions",
        "gemini-api.md 10 row 3, 2",
        f"GET {PERMISSIONS}",
        "PermissionService.ListPermissions",
    ),
    no_keys(
        "standard key shares",
        "gemini-api.md 10 row 3, 2",
        f"POST {PERMISSIONS}",
        "PermissionService.CreatePermission",
        json={"emailAddress": OTTO, "role": "READER"},
    ),
    no_keys(
        "standard key reads a tuned model",
        "gemini-api.md 10 row 3, 2 (the default of the switch)",
        f"GET {TUNED}",
        "ModelService.GetTunedModel",
    ),
    no_keys(
        "standard key transfers ownership",
        "gemini-api.md 10 row 3, 2 [I]",
        f"POST {TUNED}:transferOwnership",
        "PermissionService.TransferOwnership",
        json={"emailAddress": OTTO},
    ),
    no_keys(
        "standard key lists corpora",
        "gemini-api.md 10 row 3, 2",
        "GET /v1beta/corpora",
        "RetrieverService.ListCorpora",
    ),
    token_row("expired token", "gemini-api.md 10 row 4", "${expired}", "ACCESS_TOKEN_EXPIRED"),
    token_row(
        "revoked token",
        "gemini-api.md 10 row 4 [I]",
        "${ann}",
        "ACCESS_TOKEN_EXPIRED",
        given=lambda lab: lab.end_grant(ANN),
    ),
    token_row(
        "token of a deleted account",
        "gemini-api.md 10 row 4 [I]",
        "${otto}",
        "ACCESS_TOKEN_EXPIRED",
        given=lambda lab: lab.delete_account(OTTO),
    ),
    token_row(
        "token of a disabled service account",
        "gemini-api.md 10 row 4 [I]",
        "${robot}",
        "ACCESS_TOKEN_EXPIRED",
        given=lambda lab: lab.change_robot(disabled=True),
    ),
    token_row(
        "foreign token",
        "gemini-api.md 10 row 5",
        "ya29.a0AfromAnotherGoogle",
        "ACCESS_TOKEN_TYPE_UNSUPPORTED",
    ),
    token_row(
        "API key as bearer", "gemini-api.md 10 row 5", "${key}", "ACCESS_TOKEN_TYPE_UNSUPPORTED"
    ),
    token_row(
        "malformed auth key as bearer",
        "gemini-api.md 10 row 5",
        "AQ.x",
        "ACCESS_TOKEN_TYPE_UNSUPPORTED",
    ),
    token_row(
        "refresh token as bearer",
        "gemini-api.md 10 row 5 [I]",
        "${refresh}",
        "ACCESS_TOKEN_TYPE_UNSUPPORTED",
    ),
    token_row(
        "Basic instead of Bearer",
        "gemini-api.md 10 row 5 [I]",
        "",
        "ACCESS_TOKEN_TYPE_UNSUPPORTED",
        sent={"headers": {"Authorization": "Basic YTpi"}},
    ),
    token_row(
        "foreign token beside a good key",
        "gemini-api.md 2 step 1",
        "",
        "ACCESS_TOKEN_TYPE_UNSUPPORTED",
        sent=bearer("ya29.a0AfromAnotherGoogle", **{"x-goog-api-key": "${key}"}),
    ),
    token_row(
        "good token beside a good key",
        "google-oauth.md 0.2, 5.7",
        "",
        "OVERLOADED_CREDENTIALS",
        sent=bearer("${ann}", **{"x-goog-api-key": "${key}"}),
    ),
    token_row(
        "expired token in the query",
        "gemini-api.md 10 row 4, 2",
        "",
        "ACCESS_TOKEN_EXPIRED",
        sent={"params": {"access_token": "${expired}"}},
    ),
    token_row(
        "self-signed JWT of another's key",
        "gemini-api.md 0 fact 3; google-oauth.md 5.7 [I]",
        "${self_signed_forged}",
        "ACCESS_TOKEN_TYPE_UNSUPPORTED",
    ),
    token_row(
        "self-signed JWT for another audience",
        "google-oauth.md 5.7 [I]",
        "${self_signed_elsewhere}",
        "ACCESS_TOKEN_TYPE_UNSUPPORTED",
    ),
    token_row(
        "expired self-signed JWT",
        "google-oauth.md 3, 5.7 [I]",
        "${self_signed_expired}",
        "ACCESS_TOKEN_EXPIRED",
    ),
    token_row(
        "self-signed JWT of a deleted key",
        "google-oauth.md 5.7 [I]",
        "${self_signed}",
        "ACCESS_TOKEN_TYPE_UNSUPPORTED",
        given=lambda lab: lab.remove_key(),
    ),
)

SCOPES = (
    scope_row(
        "cloud-platform alone lists models",
        "gemini-api.md 10 row 7, 0 fact 1",
        MODELS,
        "${cloud_platform}",
        LIST_MODELS,
        ANY,
    ),
    scope_row(
        "cloud-platform alone, in v1",
        "gemini-api.md 10 row 7, 0 fact 4",
        "GET /v1/models",
        "${cloud_platform}",
        "google.ai.generativelanguage.v1.ModelService.ListModels",
        ANY,
    ),
    scope_row(
        "cloud-platform alone streams events",
        "gemini-api.md 10 row 7",
        "POST /v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse",
        "${cloud_platform}",
        f"{PACKAGE}.GenerativeService.StreamGenerateContent",
        ANY,
    ),
    Row(
        "cloud-platform alone streams",
        "gemini-api.md 4 (an array of one without alt=sse), 10 row 7",
        "POST /v1beta/models/gemini-2.5-flash:streamGenerateContent",
        403,
        [
            error(
                "PERMISSION_DENIED",
                "Request had insufficient authentication scopes.",
                info(
                    "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
                    service=SERVICE,
                    method=f"{PACKAGE}.GenerativeService.StreamGenerateContent",
                ),
            )
        ],
        {"WWW-Authenticate": f'{REALM}, error="insufficient_scope", scope="{ANY}"'},
        sent=bearer("${cloud_platform}"),
    ),
    scope_row(
        "self-signed JWT with the scope cloud-platform",
        "gemini-api.md 3",
        MODELS,
        "${self_signed_cloud_platform}",
        LIST_MODELS,
        ANY,
    ),
    scope_row(
        "retriever reads a tuned model",
        "gemini-api.md 3 [I]",
        f"GET {TUNED}",
        "${retriever}",
        f"{PACKAGE}.ModelService.GetTunedModel",
        f"{AUTH}.tuning {AUTH}.tuning.readonly",
    ),
    scope_row(
        "retriever lists tuned models",
        "gemini-api.md 3",
        "GET /v1beta/tunedModels",
        "${retriever}",
        f"{PACKAGE}.ModelService.ListTunedModels",
        f"{AUTH}.tuning {AUTH}.tuning.readonly",
    ),
    scope_row(
        "tuning.readonly changes a tuned model",
        "gemini-api.md 3",
        f"PATCH {TUNED}",
        "${tuning_readonly}",
        f"{PACKAGE}.ModelService.UpdateTunedModel",
        f"{AUTH}.tuning",
    ),
    scope_row(
        "tuning.readonly deletes a tuned model",
        "gemini-api.md 3 [I]",
        f"DELETE {TUNED}",
        "${tuning_readonly}",
        f"{PACKAGE}.ModelService.DeleteTunedModel",
        f"{AUTH}.tuning",
    ),
    scope_row(
        "retriever creates a tuned model",
        "gemini-api.md 3",
        "POST /v1beta/tunedModels",
        "${retriever}",
        f"{PACKAGE}.ModelService.CreateTunedModel",
        f"{AUTH}.tuning",
    ),
    scope_row(
        "tuning lists corpora",
        "gemini-api.md 3",
        "GET /v1beta/corpora",
        "${tuning}",
        f"{PACKAGE}.RetrieverService.ListCorpora",
        f"{AUTH}.retriever {AUTH}.retriever.readonly",
    ),
    scope_row(
        "sign-in scopes share",
        "gemini-api.md 3",
        f"POST {PERMISSIONS}",
        "${sign_in}",
        f"{PACKAGE}.PermissionService.CreatePermission",
        ANY,
    ),
)

CONSUMERS = (
    api_off("API off in the client's project", bearer("${ann}"), PROJECT, NUMBER),
    api_off("API off in the service account's project", bearer("${robot}"), PROJECT, NUMBER),
    api_off("API off for a self-signed JWT", bearer("${self_signed}"), PROJECT, NUMBER),
    api_off("API off in the key's project", api_key("${other_key}"), OTHER_PROJECT, OTHER_NUMBER),
    Row(
        "API off in the quota project",
        "gemini-api.md 2 step 6",
        MODELS,
        403,
        texts=("SERVICE_DISABLED", f"projects/{OTHER_NUMBER}"),
        sent=bearer("${ann}", **{"x-goog-user-project": OTHER_PROJECT}),
        given=lambda lab: lab.use_without_api(ANN, OTHER_PROJECT),
    ),
    Row(
        "Google's shared client without a quota project",
        "gemini-api.md 10 row 9; google-oauth.md 5.7",
        MODELS,
        403,
        error(
            "PERMISSION_DENIED",
            GCLOUD,
            info("SERVICE_DISABLED", service=SERVICE, consumer="projects/764086051850"),
            localized(GCLOUD),
        ),
        sent=bearer("${gcloud}"),
    ),
    Row(
        "quota project without permission",
        "gemini-api.md 10 row 10; google-oauth.md 5.7",
        MODELS,
        403,
        error(
            "PERMISSION_DENIED",
            f"Caller does not have required permission to use project {OTHER_PROJECT}. Grant the "
            "caller the roles/serviceusage.serviceUsageConsumer role, or a custom role with the "
            f"serviceusage.services.use permission, by visiting {QUOTA_URL} and then retry. "
            "Propagation of the new permission may take a few minutes.",
            link("Google developer console IAM admin", QUOTA_URL),
            info("USER_PROJECT_DENIED", service=SERVICE, consumer=f"projects/{OTHER_PROJECT}"),
        ),
        sent=bearer("${ann}", **{"x-goog-user-project": OTHER_PROJECT}),
    ),
    consumer_invalid("quota project that does not exist", "nobodys-lab"),
    consumer_invalid("quota project that is being deleted", "gone-lab"),
)

ROWS = (*CREDENTIALS, *SCOPES, *CONSUMERS)
