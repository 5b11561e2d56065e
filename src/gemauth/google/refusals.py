"""What Google's APIs answer when they refuse a caller: the texts as data, in one place.

Each function returns a `StatusError` in the shape of the named row of gemini-api.md section 10
or google-oauth.md sections 5.1 and 5.7. Texts inside quotes are Google's, since clients match on
them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.google.status import Code, Status, StatusError, error_info, help_link, localized
from gemauth.oauth.scope import join

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "account_not_found",
    "api_key_not_valid",
    "caller_lacks_project_permission",
    "consumer_invalid",
    "credentials_missing",
    "impersonation_denied",
    "insufficient_scopes",
    "invalid_credentials",
    "key_not_supported",
    "missing_permission",
    "quota_project_required",
    "service_disabled",
    "unregistered_caller",
]

DOMAIN = "googleapis.com"
REALM = 'Bearer realm="https://accounts.google.com/"'
CONSOLE = "https://console.developers.google.com"

TITLES = {
    "generativelanguage.googleapis.com": "Generative Language API",
    "iam.googleapis.com": "Identity and Access Management (IAM) API",
    "serviceusage.googleapis.com": "Service Usage API",
    "cloudresourcemanager.googleapis.com": "Cloud Resource Manager API",
    "iamcredentials.googleapis.com": "IAM Service Account Credentials API",
    "sts.googleapis.com": "Security Token Service API",
}

_EXPECTED = (
    "Expected OAuth 2 access token, login cookie or other valid authentication credential. "
    "See https://developers.google.com/identity/sign-in/web/devconsole-project."
)


def unregistered_caller() -> StatusError:
    """Row 1: neither token nor key, on an API that takes keys: 403, not 401."""
    return StatusError(
        Status(
            Code.PERMISSION_DENIED,
            "Method doesn't allow unregistered callers (callers without established identity). "
            "Please use API Key or other form of API consumer identity to call this API.",
        )
    )


def api_key_not_valid(service: str) -> StatusError:
    """Row 2: a key that nobody issued."""
    message = "API key not valid. Please pass a valid API key."
    info = error_info("API_KEY_INVALID", domain=DOMAIN, service=service)
    return StatusError(Status(Code.INVALID_ARGUMENT, message, (info, localized(message))))


def key_not_supported(service: str, method: str) -> StatusError:
    """Row 3: a key alone on a method that needs a principal."""
    message = (
        "API keys are not supported by this API. Expected OAuth2 access token or other "
        "authentication credentials that assert a principal. See "
        "https://cloud.google.com/docs/authentication"
    )
    info = error_info("CREDENTIALS_MISSING", domain=DOMAIN, service=service, method=method)
    return StatusError(Status(Code.UNAUTHENTICATED, message, (info,)), www_authenticate=REALM)


def invalid_credentials(service: str, method: str, reason: str) -> StatusError:
    """Rows 4 and 5: a bearer token that is expired, revoked, foreign or malformed.

    ACCESS_TOKEN_TYPE_UNSUPPORTED comes without `domain`, as both published bodies have it.
    """
    domain = None if reason == "ACCESS_TOKEN_TYPE_UNSUPPORTED" else DOMAIN
    message = f"Request had invalid authentication credentials. {_EXPECTED}"
    info = error_info(reason, domain=domain, service=service, method=method)
    return StatusError(
        Status(Code.UNAUTHENTICATED, message, (info,)),
        www_authenticate=f'{REALM}, error="invalid_token"',
    )


def credentials_missing(service: str, method: str) -> StatusError:
    """Row 6: nothing sent to an API that takes no keys."""
    message = f"Request is missing required authentication credential. {_EXPECTED}"
    info = error_info("CREDENTIALS_MISSING", domain=DOMAIN, service=service, method=method)
    return StatusError(Status(Code.UNAUTHENTICATED, message, (info,)), www_authenticate=REALM)


def insufficient_scopes(service: str, method: str, accepted: Sequence[str]) -> StatusError:
    """Row 7: a good token without an accepted scope; the challenge lists those that are."""
    info = error_info(
        "ACCESS_TOKEN_SCOPE_INSUFFICIENT", domain=DOMAIN, service=service, method=method
    )
    return StatusError(
        Status(Code.PERMISSION_DENIED, "Request had insufficient authentication scopes.", (info,)),
        www_authenticate=f'{REALM}, error="insufficient_scope", scope="{join(accepted)}"',
    )


def service_disabled(service: str, project_number: str) -> StatusError:
    """Row 8: the API is off in the consumer project."""
    title = TITLES.get(service, service)
    url = f"{CONSOLE}/apis/api/{service}/overview?project={project_number}"
    message = (
        f"{title} has not been used in project {project_number} before or it is disabled. Enable "
        f"it by visiting {url} then retry. If you enabled this API recently, wait a few minutes "
        "for the action to propagate to our systems and retry."
    )
    info = error_info(
        "SERVICE_DISABLED",
        domain=DOMAIN,
        service=service,
        consumer=f"projects/{project_number}",
        serviceTitle=title,
        containerInfo=project_number,
        activationUrl=url,
    )
    link = help_link("Google developers console API activation", url)
    return StatusError(Status(Code.PERMISSION_DENIED, message, (info, localized(message), link)))


def quota_project_required(service: str, project_number: str) -> StatusError:
    """Row 9: a person's token of Google's own shared client, and no quota project named."""
    message = (
        "Your application is authenticating by using local Application Default Credentials. "
        f"The {service} API requires a quota project, which is not set by default. To learn how "
        "to set your quota project, see "
        "https://cloud.google.com/docs/authentication/adc-troubleshooting/user-creds ."
    )
    info = error_info(
        "SERVICE_DISABLED", domain=DOMAIN, service=service, consumer=f"projects/{project_number}"
    )
    return StatusError(Status(Code.PERMISSION_DENIED, message, (info, localized(message))))


def caller_lacks_project_permission(service: str, project: str) -> StatusError:
    """Row 10: the quota project exists, the caller may not use it."""
    url = f"{CONSOLE}/iam-admin/iam/project?project={project}"
    message = (
        f"Caller does not have required permission to use project {project}. Grant the caller the "
        "roles/serviceusage.serviceUsageConsumer role, or a custom role with the "
        f"serviceusage.services.use permission, by visiting {url} and then retry. Propagation of "
        "the new permission may take a few minutes."
    )
    info = error_info(
        "USER_PROJECT_DENIED", domain=DOMAIN, service=service, consumer=f"projects/{project}"
    )
    link = help_link("Google developer console IAM admin", url)
    return StatusError(Status(Code.PERMISSION_DENIED, message, (link, info)))


def consumer_invalid(service: str, project: str) -> StatusError:
    """Row 11: the quota project does not exist, or is being deleted."""
    message = f"Permission denied on resource project {project}."
    info = error_info(
        "CONSUMER_INVALID",
        domain=DOMAIN,
        service=service,
        consumer=f"projects/{project}",
        containerInfo=project,
    )
    link = help_link("Google developers console", CONSOLE)
    return StatusError(Status(Code.PERMISSION_DENIED, message, (info, localized(message), link)))


def missing_permission(permission: str, resource: str) -> StatusError:
    """google-oauth.md 5.1: an IAM-checked API refuses, naming the permission and the resource."""
    info = error_info(
        "IAM_PERMISSION_DENIED",
        domain="iam.googleapis.com",
        permission=permission,
        resource=resource,
    )
    message = f"Permission '{permission}' denied on resource '{resource}' (or it may not exist)."
    return StatusError(Status(Code.PERMISSION_DENIED, message, (info,)))


def impersonation_denied(permission: str) -> StatusError:
    """google-oauth.md 5.2: the caller may not act as the account, or there is no such account."""
    info = error_info("IAM_PERMISSION_DENIED", domain="iam.googleapis.com", permission=permission)
    message = f"Permission '{permission}' denied on resource (or it may not exist)."
    return StatusError(Status(Code.PERMISSION_DENIED, message, (info,)))


def account_not_found(email: str) -> StatusError:
    """IAM Credentials: the address is no service account's.

    Many reports have it of generateAccessToken, with the address that was asked for; that it is
    said of a delegate, too, is our inference.
    """
    message = f"Not found; Gaia id not found for email {email}"
    return StatusError(Status(Code.NOT_FOUND, message))
