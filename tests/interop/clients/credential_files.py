"""Credential files that no run makes by itself, as Google's own tools write them.

Their URLs are Google's: only interception leads them here.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.interop.local_google import ADA, PROJECT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.interop.local_google import Google

__all__ = ["robot", "write"]

_ROBOT = "clients-robot"


def robot(google: Google) -> str:
    """Return the address of the cases' service account; Ada may act as it."""
    address = f"{_ROBOT}@{PROJECT}.iam.gserviceaccount.com"
    path = f"/v1/projects/{PROJECT}/serviceAccounts"
    if address not in json.dumps(google.get(path)):
        google.post(path, {"accountId": _ROBOT})
        for service in ("iamcredentials", "sts", "cloudresourcemanager"):
            google.control.enable_service(PROJECT, f"{service}.googleapis.com")
        google.post(
            f"{path}/{address}:setIamPolicy",
            {
                "policy": {
                    "bindings": [
                        {
                            "role": "roles/iam.serviceAccountTokenCreator",
                            "members": [f"user:{ADA}"],
                        }
                    ]
                }
            },
        )
    return address


def write(kind: str, google: Google, robot: str, folder: Path) -> Path:
    """Write a credential file of a kind, and return its path."""
    body: dict[str, Any] = {"impersonated": _impersonated}[kind](google, robot)
    path = folder / "credentials.json"
    path.write_text(json.dumps(body), encoding="utf-8")
    path.chmod(0o600)
    return path


def _impersonated(google: Google, robot: str) -> dict[str, Any]:
    """As `gcloud auth application-default login --impersonate-service-account` writes it."""
    tokens = google.tokens(ADA, "cloud-platform")
    return {
        "type": "impersonated_service_account",
        "delegates": [],
        "service_account_impersonation_url": "https://iamcredentials.googleapis.com/v1/projects/-/"
        f"serviceAccounts/{robot}:generateAccessToken",
        "source_credentials": {
            "type": "authorized_user",
            "client_id": google.client_id,
            "client_secret": google.client_secret,
            "refresh_token": tokens["refresh_token"],
        },
    }
