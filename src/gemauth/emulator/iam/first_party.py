"""Google's own shared OAuth client, which every emulator has: gcloud's for ADC (google-oauth.md 7).

A program that signs in with it meets what it meets at Google: no Gemini scopes since June 2025,
and no quota project (gemini-api.md section 10, row 9). Its secret is public there, so none is
asked for here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.emulator.storage.records import OAuthClient, Project
from gemauth.google.client_secret import GCLOUD_CLIENT_ID, GCLOUD_PROJECT_NUMBER

if TYPE_CHECKING:
    from gemauth.emulator.storage.store import Transaction

__all__ = ["GCLOUD_CLIENT_ID", "install"]


def install(tx: Transaction, now: float) -> None:
    """Add the client and its project where they are missing."""
    if tx.get(OAuthClient, GCLOUD_CLIENT_ID) is not None:
        return
    tx.add(
        Project(
            project_id="google-cloud-sdk",
            number=GCLOUD_PROJECT_NUMBER,
            name="Google Cloud SDK",
            state="ACTIVE",
            organization=None,
            labels={},
            created_at=now,
        )
    )
    tx.add(
        OAuthClient(
            client_id=GCLOUD_CLIENT_ID,
            project_id="google-cloud-sdk",
            kind="first_party",
            name="Google Auth Library",
            redirect_uris=(),
            state="active",
            created_at=now,
        )
    )
