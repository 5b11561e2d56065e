"""Refusals of IAM credentials and of the Security Token Service (google-oauth.md 5.2, 5.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gemauth.emulator.iam import policy
from gemauth.emulator.storage.records import (
    EnabledService,
    ServiceAccount,
    WorkloadPool,
    WorkloadProvider,
)
from gemauth.testing.clock import FakeClock
from tests.emulator import issuer
from tests.emulator.gemini.world import ANN, NUMBER, PROJECT, ROBOT, ROBOT_ID
from tests.refusals.row import Row, error, info, link, localized
from tests.refusals.rows_callers import bearer

if TYPE_CHECKING:
    from tests.refusals.lab import Lab

__all__ = ["ROWS"]

CREDENTIALS = "iamcredentials.googleapis.com"
ONE = f"POST /v1/projects/-/serviceAccounts/{ROBOT}"
TUNING = "https://www.googleapis.com/auth/generative-language.tuning"
BODY = {"scope": [TUNING]}
OFF_URL = f"https://console.developers.google.com/apis/api/{CREDENTIALS}/overview?project={NUMBER}"
OFF = (
    f"IAM Service Account Credentials API has not been used in project {NUMBER} before or it is "
    f"disabled. Enable it by visiting {OFF_URL} then retry. If you enabled this API recently, wait "
    "a few minutes for the action to propagate to our systems and retry."
)
AUDIENCE = (
    f"//iam.googleapis.com/projects/{NUMBER}/locations/global/workloadIdentityPools/my-pool"
    "/providers/my-ci"
)
TYPE = "urn:ietf:params:oauth:token-type:"
INVALID_TARGET = (
    'The target service indicated by the "audience" parameters is invalid. This might either be '
    "because the pool or provider is disabled or deleted or because it doesn't exist."
)
NO_AUDIENCE = (
    'Invalid value for "audience". This value should be the full resource name of the Identity '
    "Provider. See https://cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token for the "
    "list of possible formats."
)


def denied(name: str, verb: str, permission: str, body: dict[str, Any]) -> Row:
    """Return the row of a caller who may not act as the account."""
    permission = f"iam.serviceAccounts.{permission}"
    return Row(
        name,
        "google-oauth.md 5.2",
        f"{ONE}:{verb}",
        403,
        error(
            "PERMISSION_DENIED",
            f"Permission '{permission}' denied on resource (or it may not exist).",
            info("IAM_PERMISSION_DENIED", "iam.googleapis.com", permission=permission),
        ),
        sent={**bearer("${ann}"), "json": body},
        given=switch_on,
    )


def invalid(name: str, verb: str, body: dict[str, Any], text: str) -> Row:
    """Return the row of a request out of form, of a caller who may act as the account."""
    return Row(
        name,
        "ours",
        f"{ONE}:{verb}",
        400,
        error("INVALID_ARGUMENT", text),
        sent={**bearer("${ann}"), "json": body},
        given=allow,
    )


def switch_on(lab: Lab) -> None:
    """Switch the API on."""
    lab.add(EnabledService(PROJECT, CREDENTIALS))


def allow(lab: Lab) -> None:
    """Switch the API on, and let the owner act as the service account."""
    switch_on(lab)
    with lab.write() as tx:
        role = "roles/iam.serviceAccountTokenCreator"
        policy.grant_role(tx, f"projects/{PROJECT}", role, f"user:{ANN}")


def disabled(lab: Lab) -> None:
    """As `allow`, but the service account is disabled."""
    allow(lab)
    lab.change(ServiceAccount, ROBOT_ID, disabled=True)


IAM_CREDENTIALS = (
    denied("access token without permission", "generateAccessToken", "getAccessToken", BODY),
    denied("id token without permission", "generateIdToken", "getOpenIdToken", {"audience": "a"}),
    denied("blob signed without permission", "signBlob", "signBlob", {"payload": "eA=="}),
    denied("JWT signed without permission", "signJwt", "signJwt", {"payload": "{}"}),
    denied(
        "a delegate without permission",
        "generateAccessToken",
        "implicitDelegation",
        {**BODY, "delegates": [f"projects/-/serviceAccounts/{ROBOT}"]},
    ),
    Row(
        "IAM credentials API off",
        "gemini-api.md 10 row 8",
        f"{ONE}:generateAccessToken",
        403,
        error(
            "PERMISSION_DENIED",
            OFF,
            info(
                "SERVICE_DISABLED",
                service=CREDENTIALS,
                consumer=f"projects/{NUMBER}",
                serviceTitle="IAM Service Account Credentials API",
                containerInfo=NUMBER,
                activationUrl=OFF_URL,
            ),
            localized(OFF),
            link("Google developers console API activation", OFF_URL),
        ),
        sent={**bearer("${ann}"), "json": BODY},
    ),
    Row(
        "access token of a disabled account",
        "ours",
        f"{ONE}:generateAccessToken",
        400,
        error("FAILED_PRECONDITION", f"Service account {ROBOT} is disabled."),
        sent={**bearer("${ann}"), "json": BODY},
        given=disabled,
    ),
    invalid(
        "access token without scopes",
        "generateAccessToken",
        {},
        "scope must name at least one scope.",
    ),
    invalid(
        "access token for more than an hour",
        "generateAccessToken",
        {**BODY, "lifetime": "43200s"},
        "The access token lifetime cannot exceed 3600 seconds. Up to 43200 take an organization "
        "policy with constraints/iam.allowServiceAccountCredentialLifetimeExtension, and this "
        "emulator keeps no organization policies.",
    ),
    invalid("id token for nobody", "generateIdToken", {}, "audience is required."),
    invalid(
        "signed JWT that ends too late",
        "signJwt",
        {"payload": '{"exp": 1799999999}'},
        "exp must be a whole number of seconds since 1970, not past and at most 12 hours ahead.",
    ),
    Row(
        "allowed locations with nothing sent",
        "gemini-api.md 10 row 6",
        f"GET /v1/projects/-/serviceAccounts/{ROBOT}/allowedLocations",
        401,
        headers={"WWW-Authenticate": 'Bearer realm="https://accounts.google.com/"'},
    ),
)


def subject_token(**changes: Any) -> str:
    """Return a good subject token with some claims changed."""
    return issuer.signed(issuer.claims(FakeClock().now(), AUDIENCE, **changes))


def exchange(name: str, source: str, code: str, text: str, given: Any = None, **form: Any) -> Row:
    """Return the row of an exchange; a field that is None is left out."""
    fields = {
        "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
        "audience": AUDIENCE,
        "scope": TUNING,
        "requested_token_type": f"{TYPE}access_token",
        "subject_token_type": f"{TYPE}jwt",
        "subject_token": subject_token(),
        **form,
    }
    return Row(
        name,
        source,
        "POST /v1/token",
        400,
        {"error": code, "error_description": text},
        {"Cache-Control": "no-cache, no-store, max-age=0, must-revalidate"},
        sent={"data": {k: v for k, v in fields.items() if v is not None}},
        given=given or federate,
    )


def federate(lab: Lab, **changes: Any) -> None:
    """Add a pool and a provider with some columns changed."""
    now = lab.clock.now()
    state: dict[str, Any] = {"disabled": False, "deleted_at": None, "created_at": now}
    provider = {
        "project_id": PROJECT,
        "pool_id": "my-pool",
        "provider_id": "my-ci",
        "display_name": "",
        "description": "",
        "issuer_uri": issuer.URI,
        "allowed_audiences": (),
        "jwks_json": issuer.jwk_set(),
        "attribute_mapping": {"google.subject": "assertion.sub"},
        "attribute_condition": "assertion.repository == 'corp/app'",
        **state,
        **changes,
    }
    lab.add(
        EnabledService(PROJECT, "sts.googleapis.com"),
        WorkloadPool(PROJECT, "my-pool", "", "", **state),
        WorkloadProvider(**provider),
    )


OURS = "ours"
STS = "google-oauth.md 5.3"
EXCHANGES = (
    exchange(
        "exchange of another grant",
        "google-oauth.md 2.1",
        "unsupported_grant_type",
        "Invalid grant_type: refresh_token",
        grant_type="refresh_token",
    ),
    *(
        exchange(
            f"exchange without {name}",
            "google-oauth.md 2.1 [K]",
            "invalid_request",
            f"Missing required parameter: {name}",
            **{name: None},
        )
        for name in (
            "grant_type",
            "audience",
            "scope",
            "requested_token_type",
            "subject_token",
            "subject_token_type",
        )
    ),
    exchange("exchange for no provider", STS, "invalid_request", NO_AUDIENCE, audience="my-ci"),
    exchange(
        "exchange for an unknown provider",
        STS,
        "invalid_target",
        INVALID_TARGET,
        audience=AUDIENCE.replace("my-ci", "others"),
    ),
    exchange(
        "exchange for a workforce pool",
        STS,
        "invalid_target",
        INVALID_TARGET,
        audience="//iam.googleapis.com/locations/global/workforcePools/p/providers/q",
    ),
    exchange(
        "exchange for a disabled provider",
        STS,
        "invalid_target",
        INVALID_TARGET,
        given=lambda lab: federate(lab, disabled=True),
    ),
    exchange(
        "exchange for an unknown scope",
        OURS,
        "invalid_scope",
        "Invalid OAuth scope: everything",
        scope="everything",
    ),
    exchange(
        "exchange for another token",
        OURS,
        "invalid_request",
        f"Invalid value for requested_token_type: this emulator issues only {TYPE}access_token.",
        requested_token_type=f"{TYPE}access_boundary_intermediary_token",
    ),
    exchange(
        "exchange that downscopes",
        OURS,
        "invalid_request",
        "This emulator does not downscope access tokens (accessBoundary): use a "
        "subject_token of type jwt or id_token.",
        subject_token_type=f"{TYPE}access_token",
    ),
    exchange(
        "exchange of SAML",
        OURS,
        "invalid_request",
        f"Invalid value for subject_token_type: {TYPE}saml2. This emulator takes {TYPE}jwt "
        f"and {TYPE}id_token.",
        subject_token_type=f"{TYPE}saml2",
    ),
    exchange(
        "exchange with an actor",
        OURS,
        "invalid_request",
        "This emulator takes no actor_token.",
        actor_token="t",
    ),
    exchange(
        "exchange with keys that cannot be fetched",
        "cloud.google.com, Troubleshoot Workload Identity Federation",
        "invalid_grant",
        "Error connecting to the given credential's issuer. This emulator makes no "
        f"connections to other machines, so it cannot fetch the keys of {issuer.URI}. Give them "
        "to the provider as oidc.jwksJson (gcloud: --jwk-json-path).",
        given=lambda lab: federate(lab, jwks_json=None),
    ),
    exchange(
        "exchange of a forged token",
        OURS,
        "invalid_grant",
        "The subject token is refused: its signature is not the issuer's, or not RS256 or ES256.",
        subject_token=issuer.signed(issuer.claims(FakeClock().now(), AUDIENCE), key=1),
    ),
    exchange(
        "exchange of a token for somebody else",
        "reports of google-github-actions/auth",
        "invalid_grant",
        "The audience in ID Token [somebody] does not match the expected audience.",
        subject_token=subject_token(aud="somebody"),
    ),
    exchange(
        "exchange of a token that has ended",
        "cloud.google.com, Config Sync's known issues",
        "invalid_grant",
        "ID Token issued at 1767225600 is stale to sign-in.",
        subject_token=subject_token(exp=int(FakeClock().now())),
    ),
    exchange(
        "exchange that the condition refuses",
        "terraform-google-modules/terraform-example-foundation, issue 1362",
        "unauthorized_client",
        "The given credential is rejected by the attribute condition.",
        subject_token=subject_token(repository="evil/app"),
    ),
    exchange(
        "exchange of a token without a subject",
        "cloud.google.com, Chrome Enterprise, X.509 certificates",
        "unauthorized_client",
        "Could not obtain a value for google.subject from the given credential.",
        given=lambda lab: federate(lab, attribute_mapping={"google.subject": "assertion.email"}),
    ),
)

ROWS = (*IAM_CREDENTIALS, *EXCHANGES)
