"""Credential files that no run makes by itself, as Google's own tools write them.

Their URLs are Google's: only interception leads them here.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from gemauth.google.scopes import CLOUD_PLATFORM, TUNING
from tests.emulator import issuer
from tests.interop.local_google import ADA, PROJECT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.interop.local_google import Google

__all__ = ["robot", "write"]

_ROBOT = "clients-robot"
_POOL = "clients-pool"
_PROVIDER = "clients-ci"
_IMPERSONATION = "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts"


def robot(google: Google) -> str:
    """Return the address of the cases' service account.

    Ada, the account itself and the workload of a pool may act as it.
    """
    address = f"{_ROBOT}@{PROJECT}.iam.gserviceaccount.com"
    path = f"/v1/projects/{PROJECT}/serviceAccounts"
    if address not in json.dumps(google.get(path)):
        google.post(path, {"accountId": _ROBOT})
        for service in ("iamcredentials", "sts", "cloudresourcemanager"):
            google.control.enable_service(PROJECT, f"{service}.googleapis.com")
        pool = _pool(google)
        creators = [f"user:{ADA}", f"serviceAccount:{address}"]
        workload = [f"principal://iam.googleapis.com/{pool}/subject/{issuer.SUBJECT}"]
        bindings = [
            {"role": "roles/iam.serviceAccountTokenCreator", "members": creators},
            {"role": "roles/iam.workloadIdentityUser", "members": workload},
        ]
        google.post(f"{path}/{address}:setIamPolicy", {"policy": {"bindings": bindings}})
    return address


def _pool(google: Google) -> str:
    """Make a workload identity pool that trusts the issuer of tests/emulator/issuer.py."""
    path = f"/v1/projects/{PROJECT}/locations/global/workloadIdentityPools"
    google.post(f"{path}?workloadIdentityPoolId={_POOL}", {})
    google.post(
        f"{path}/{_POOL}/providers?workloadIdentityPoolProviderId={_PROVIDER}",
        {
            "attributeMapping": {"google.subject": "assertion.sub"},
            "oidc": {"issuerUri": issuer.URI, "jwksJson": issuer.jwk_set()},
        },
    )
    return str(google.get(f"{path}/{_POOL}")["name"])


def write(kind: str, google: Google, robot: str, folder: Path) -> Path:
    """Write a credential file of a kind, and return its path."""
    files = {
        "impersonated": _impersonated,
        "external_account": _federated,
        "external_account_impersonated": _federated_impersonated,
        "external_account_authorized_user": _workforce,
    }
    path = folder / "credentials.json"
    path.write_text(json.dumps(files[kind](google, robot, folder)), encoding="utf-8")
    path.chmod(0o600)
    return path


def _impersonated(google: Google, robot: str, _: Path) -> dict[str, Any]:
    """As `gcloud auth application-default login --impersonate-service-account` writes it."""
    tokens = google.tokens(ADA, "cloud-platform")
    return {
        "type": "impersonated_service_account",
        "delegates": [],
        "service_account_impersonation_url": f"{_IMPERSONATION}/{robot}:generateAccessToken",
        "source_credentials": {
            "type": "authorized_user",
            "client_id": google.client_id,
            "client_secret": google.client_secret,
            "refresh_token": tokens["refresh_token"],
        },
    }


def _federated(google: Google, _: str, folder: Path) -> dict[str, Any]:
    """As `gcloud iam workload-identity-pools create-cred-config` writes it for a file's token."""
    pools = f"/v1/projects/{PROJECT}/locations/global/workloadIdentityPools"
    provider = str(google.get(f"{pools}/{_POOL}/providers/{_PROVIDER}")["name"])
    audience = f"//iam.googleapis.com/{provider}"
    token = folder / "subject-token"
    claims = issuer.claims(time.time(), f"https:{audience}")
    token.write_text(issuer.signed(claims), encoding="ascii")
    return {
        "type": "external_account",
        "universe_domain": "googleapis.com",
        "audience": audience,
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": "https://sts.googleapis.com/v1/token",
        "credential_source": {"file": str(token), "format": {"type": "text"}},
    }


def _federated_impersonated(google: Google, robot: str, folder: Path) -> dict[str, Any]:
    """The same with --service-account."""
    url = f"{_IMPERSONATION}/{robot}:generateAccessToken"
    return {
        **_federated(google, robot, folder),
        "service_account_impersonation_url": url,
    }


def _workforce(google: Google, _: str, __: Path) -> dict[str, Any]:
    """As a sign-in with an identity of another provider leaves it; the person is Ada here."""
    tokens = google.tokens(ADA, CLOUD_PLATFORM, TUNING)
    return {
        "type": "external_account_authorized_user",
        "audience": "//iam.googleapis.com/locations/global/workforcePools/any/providers/any",
        "client_id": google.client_id,
        "client_secret": google.client_secret,
        "refresh_token": tokens["refresh_token"],
        "token_url": "https://sts.googleapis.com/v1/oauthtoken",
        "token_info_url": "https://sts.googleapis.com/v1/introspect",
    }
