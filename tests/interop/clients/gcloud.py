"""The cases of gcloud: the real one, and gemauth's stand-in for it with the same commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.google.scopes import CLOUD_PLATFORM, EMAIL, OPENID, RETRIEVER, TUNING
from tests.interop.clients.case import Case, Seen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["CASES"]

_ADA = "ada@example.com"
_TOKEN = "oauth2.googleapis.com"
_LOGGED_IN = Seen("POST", "/token", host=None, grant_type="authorization_code", principal=_ADA)
_REFRESHED = Seen("POST", "/token", host=None, grant_type="refresh_token", principal=_ADA)
_SCREEN = {"DISPLAY": ":99"}  # without one gcloud looks for no browser, whatever BROWSER says
_LOGIN = "gcloud auth application-default login"
_OWN = f"--client-id-file=$GEMAUTH_RUN/client_secret.json --scopes={CLOUD_PLATFORM},{TUNING}"
_API = "https://generativelanguage.googleapis.com/v1beta"
_PRINT = "gcloud auth application-default print-access-token"


def _case(  # a row of the table, in its order
    which: str,
    job: str,
    lines: Sequence[str],
    seen: Sequence[Seen],
    prints: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
    credentials: str | None = None,
) -> Case:
    real = which == "system"
    return Case(
        "gcloud" if real else "gcloud, gemauth's stand-in",
        job,
        ("sh", "-euc", "\n".join(lines)),
        seen,
        prints=prints,
        options=("--no-credentials", "--auto-consent", _ADA, f"--gcloud={which}"),
        credentials=credentials,
        environment={"CLOUDSDK_CORE_DISABLE_PROMPTS": "1", **(environment or {})},
        needs="gcloud" if real else None,
    )


def _of_both(which: str) -> tuple[Case, ...]:
    return (
        _case(
            which,
            "`auth application-default login`, in the browser; `set-quota-project`, "
            "`print-access-token`, `revoke`",
            (
                f"{_LOGIN} --launch-browser",
                "gcloud auth application-default set-quota-project {project}",
                _PRINT,
                "gcloud auth application-default revoke",
            ),
            (
                _LOGGED_IN,
                Seen(
                    "POST",
                    "/v1/projects/{project}:testIamPermissions",
                    host=None,
                    principal=_ADA,
                ),
                _REFRESHED,
                Seen("POST", "/revoke", host=None),
            ),
            prints=("ya29.",),
            environment=_SCREEN,
        ),
        _case(
            which,
            "`auth application-default login --no-browser --client-id-file`",
            (
                f"{_LOGIN} --no-browser {_OWN}",
                f'curl -sS -H "Authorization: Bearer $({_PRINT})" {_API}/tunedModels',
            ),
            (
                _LOGGED_IN,
                Seen(
                    "GET",
                    "/v1beta/tunedModels",
                    credential="user",
                    principal=_ADA,
                    scopes=(CLOUD_PLATFORM, TUNING),
                ),
            ),
        ),
    )


_BINDING = "--member=user:grace@example.com --role=roles/serviceusage.serviceUsageConsumer"
_ROBOT = "clients-$$@{project}.iam.gserviceaccount.com"

_POOLS = "/v1/projects/{project}/locations/global/workloadIdentityPools"
_PROVIDER = "projects/1/locations/global/workloadIdentityPools/clients-$$/providers/their-ci"
_OIDC = (
    "--location=global --issuer-uri=https://issuer.example "
    "--attribute-mapping=google.subject=assertion.sub"
)

_REAL = (
    _case(
        "system",
        "`auth login`; projects and services",
        (
            "gcloud auth login --no-launch-browser",
            "gcloud projects list",
            f"gcloud projects add-iam-policy-binding {{project}} {_BINDING}",
            "gcloud services enable sts.googleapis.com --project={project}",
            "gcloud services list --project={project}",
            "gcloud auth print-identity-token",
        ),
        (
            _LOGGED_IN,
            Seen(
                "GET",
                "/v1/projects",
                host="cloudresourcemanager.googleapis.com",
                credential="user",
                principal=_ADA,
            ),
            Seen(
                "POST",
                "/v1/projects/{project}:setIamPolicy",
                host="cloudresourcemanager.googleapis.com",
                principal=_ADA,
            ),
            Seen(
                "POST",
                "/v1/projects/{project}/services/sts.googleapis.com:enable",
                host="serviceusage.googleapis.com",
                principal=_ADA,
            ),
        ),
        prints=("judges-project", "user:grace@example.com", "generativelanguage.", "eyJ"),
    ),
    _case(
        "system",
        "`iam service-accounts`; `auth activate-service-account` and its tokens",
        (
            "gcloud auth login --no-launch-browser",
            "gcloud config set project {project}",
            "gcloud iam service-accounts create clients-$$",
            "gcloud iam service-accounts list",
            f"gcloud iam service-accounts keys create key.json --iam-account={_ROBOT}",
            "gcloud auth activate-service-account --key-file=key.json",
            "gcloud auth print-identity-token --audiences=https://receiver.example",
            f"gcloud auth print-access-token --scopes={CLOUD_PLATFORM},{RETRIEVER} > token",
            f'curl -sS -H "Authorization: Bearer $(cat token)" {_API}/models',
        ),
        (
            Seen(
                "POST",
                "/v1/projects/{project}/serviceAccounts",
                host="iam.googleapis.com",
                principal=_ADA,
            ),
            Seen(
                "POST",
                "/token",
                host=_TOKEN,
                grant_type="urn:ietf:params:oauth:grant-type:jwt-bearer",
                principal="clients-*",
                times=2,
            ),
            Seen(
                "GET",
                "/v1beta/models",
                credential="service_account",
                principal="clients-*",
                scopes=(OPENID, EMAIL, CLOUD_PLATFORM, RETRIEVER),
            ),
        ),
        prints=("eyJ", "models/gemini-2.5-flash"),
    ),
    _case(
        "system",
        "`auth application-default login --impersonate-service-account`",
        (f"{_LOGIN} --launch-browser --impersonate-service-account={{robot}}", _PRINT),
        (
            _LOGGED_IN,
            Seen(
                "POST",
                "/v1/projects/-/serviceAccounts/{robot}:generateAccessToken",
                host="iamcredentials.googleapis.com",
                credential="user",
                principal=_ADA,
            ),
        ),
        prints=("ya29.",),
        environment=_SCREEN,
    ),
    _case(
        "system",
        "`iam workload-identity-pools`: a pool, an OIDC provider, a credential file",
        (
            "gcloud auth login --no-launch-browser",
            "gcloud config set project {project}",
            "pools='gcloud iam workload-identity-pools'",
            "$pools create clients-$$ --location=global --display-name=Clients",
            f"$pools providers create-oidc their-ci --workload-identity-pool=clients-$$ {_OIDC}",
            "$pools providers list --location=global --workload-identity-pool=clients-$$",
            f"$pools create-cred-config {_PROVIDER} --credential-source-file=t --output-file=c",
            "cat c",
        ),
        (
            Seen(
                "POST",
                _POOLS,
                host="iam.googleapis.com",
                credential="user",
                principal=_ADA,
            ),
            Seen(
                "POST",
                f"{_POOLS}/clients-*",
                host="iam.googleapis.com",
                credential="user",
                principal=_ADA,
            ),
        ),
        prints=("https://issuer.example", "https://sts.googleapis.com/v1/token"),
    ),
    _case(
        "system",
        "`auth login --cred-file`: workload identity federation",
        (
            "gcloud auth login --cred-file=$GOOGLE_APPLICATION_CREDENTIALS",
            "gcloud auth print-access-token",
        ),
        (
            Seen(
                "POST",
                "/v1/token",
                host="sts.googleapis.com",
                grant_type="urn:ietf:params:oauth:grant-type:token-exchange",
            ),
            Seen("POST", "/v1/introspect", host="sts.googleapis.com"),
        ),
        credentials="external_account",
    ),
)

CASES = (*_of_both("system"), *_REAL, *_of_both("shim"))
