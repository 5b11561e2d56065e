"""Google's own shared OAuth clients, which every emulator has: gcloud's two (google-oauth.md 7).

A program that signs in with one meets what it meets at Google: Google Cloud's scopes but none of
Gemini's since June 2025, no page that warns, and no quota project (gemini-api.md section 10,
row 9), except where gcloud itself calls. Their secrets are public there, so none is asked for here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gemauth.emulator.storage.records import ConsentScreen, EnabledService, OAuthClient, Project
from gemauth.google.client_secret import (
    GCLOUD_CLIENT_ID,
    GCLOUD_CODE_PAGES,
    GCLOUD_LOGIN_CLIENT_ID,
    GCLOUD_LOGIN_PROJECT_NUMBER,
    GCLOUD_PROJECT_NUMBER,
)
from gemauth.google.scopes import GCLOUD_ADC, GCLOUD_LOGIN

if TYPE_CHECKING:
    from gemauth.emulator.storage.store import Transaction

__all__ = ["GCLOUD_CLIENT_ID", "GCLOUD_LOGIN_CLIENT_ID", "install"]


@dataclass(frozen=True, slots=True)
class _Shared:
    client_id: str
    number: str
    project_id: str
    name: str
    scopes: tuple[str, ...]
    services: tuple[str, ...]


_RESOURCE_MANAGER = "cloudresourcemanager.googleapis.com"
# The names are those that Google's pages show; the project ids are our own.
_SHARED = (
    _Shared(
        GCLOUD_CLIENT_ID,
        GCLOUD_PROJECT_NUMBER,
        "google-cloud-sdk",
        "Google Auth Library",
        GCLOUD_ADC,
        # gcloud checks a quota project's permission on this project's own quota (7.4). That
        # impersonation counts there too we infer: `login --impersonate-service-account` is the
        # documented way to it, and the file that it writes names no quota project.
        (_RESOURCE_MANAGER, "iamcredentials.googleapis.com"),
    ),
    _Shared(
        GCLOUD_LOGIN_CLIENT_ID,
        GCLOUD_LOGIN_PROJECT_NUMBER,
        "google-cloud-sdk-login",
        "Google Cloud SDK",
        GCLOUD_LOGIN,
        # gcloud's own commands call these without naming a project that pays.
        (
            _RESOURCE_MANAGER,
            "iam.googleapis.com",
            "iamcredentials.googleapis.com",
            "serviceusage.googleapis.com",
        ),
    ),
)


def install(tx: Transaction, now: float) -> None:
    """Add the clients with their projects and consent screens where they are missing."""
    for one in _SHARED:
        _install(tx, now, one)


def _install(tx: Transaction, now: float, one: _Shared) -> None:
    if tx.get(Project, one.project_id) is None:
        tx.add(
            Project(
                project_id=one.project_id,
                number=one.number,
                name="Google Cloud SDK",
                state="ACTIVE",
                organization=None,
                labels={},
                created_at=now,
            )
        )
    for service in one.services:
        if tx.get(EnabledService, one.project_id, service) is None:
            tx.add(EnabledService(one.project_id, service))
    if tx.get(ConsentScreen, one.project_id) is None:
        tx.add(
            ConsentScreen(
                project_id=one.project_id,
                user_type="external",
                publishing_status="production",
                app_name=one.name,
                support_email="nobody@google.example",
                scopes=one.scopes,
            )
        )
    kept = tx.get(OAuthClient, one.client_id)
    if kept is None:
        tx.add(
            OAuthClient(
                client_id=one.client_id,
                project_id=one.project_id,
                kind="first_party",
                name=one.name,
                redirect_uris=GCLOUD_CODE_PAGES,
                state="active",
                created_at=now,
            )
        )
    elif kept.redirect_uris != GCLOUD_CODE_PAGES:  # made by an earlier version
        tx.replace(replace(kept, redirect_uris=GCLOUD_CODE_PAGES))
