"""The predefined roles that the emulator knows, as the permissions that it checks.

Names are Google's; the lists hold only permissions that some call here asks for
(cloud.google.com/iam/docs/roles-permissions has the full ones).
"""

from __future__ import annotations

__all__ = ["PERMISSIONS", "ROLES"]

_VIEW = frozenset(
    {
        "resourcemanager.projects.get",
        "resourcemanager.projects.getIamPolicy",
        "serviceusage.services.get",
        "serviceusage.services.list",
        "iam.serviceAccounts.get",
        "iam.serviceAccounts.list",
        "iam.serviceAccounts.getIamPolicy",
        "iam.serviceAccountKeys.get",
        "iam.serviceAccountKeys.list",
        "iam.workloadIdentityPools.get",
        "iam.workloadIdentityPools.list",
        "iam.workloadIdentityPoolProviders.get",
        "iam.workloadIdentityPoolProviders.list",
    }
)
_EDIT = _VIEW | {
    "serviceusage.services.use",
    "serviceusage.services.enable",
    "serviceusage.services.disable",
    "iam.serviceAccounts.create",
    "iam.serviceAccounts.delete",
    "iam.serviceAccounts.update",
    "iam.serviceAccounts.disable",
    "iam.serviceAccounts.enable",
    "iam.serviceAccounts.undelete",
    "iam.serviceAccounts.actAs",
    "iam.serviceAccountKeys.create",
    "iam.serviceAccountKeys.delete",
    "iam.serviceAccountKeys.disable",
    "iam.serviceAccountKeys.enable",
    "resourcemanager.projects.update",
}
_POOL_ADMIN = frozenset(
    f"iam.{kind}.{verb}"
    for kind in ("workloadIdentityPools", "workloadIdentityPoolProviders")
    for verb in ("create", "delete", "get", "list", "undelete", "update")
)
_OWN = (
    _EDIT
    | _POOL_ADMIN
    | {
        "resourcemanager.projects.delete",
        "resourcemanager.projects.undelete",
        "resourcemanager.projects.setIamPolicy",
        "iam.serviceAccounts.setIamPolicy",
    }
)
_ACCOUNT_ADMIN = frozenset(
    permission
    for permission in _OWN
    if permission.startswith("iam.serviceAccounts.") and permission != "iam.serviceAccounts.actAs"
) | {"resourcemanager.projects.get"}

ROLES: dict[str, frozenset[str]] = {
    "roles/owner": _OWN,
    "roles/editor": frozenset(_EDIT),
    "roles/viewer": _VIEW,
    "roles/browser": frozenset(
        {"resourcemanager.projects.get", "resourcemanager.projects.getIamPolicy"}
    ),
    "roles/serviceusage.serviceUsageConsumer": frozenset(
        {"serviceusage.services.get", "serviceusage.services.list", "serviceusage.services.use"}
    ),
    "roles/serviceusage.serviceUsageAdmin": frozenset(
        p for p in _EDIT if p.startswith("serviceusage.")
    ),
    "roles/serviceusage.serviceUsageViewer": frozenset(
        {"serviceusage.services.get", "serviceusage.services.list"}
    ),
    "roles/iam.serviceAccountAdmin": _ACCOUNT_ADMIN,
    "roles/iam.serviceAccountKeyAdmin": frozenset(
        {
            *(p for p in _EDIT if p.startswith("iam.serviceAccountKeys.")),
            "iam.serviceAccounts.get",
            "iam.serviceAccounts.list",
            "resourcemanager.projects.get",
        }
    ),
    "roles/iam.serviceAccountUser": frozenset(
        {"iam.serviceAccounts.actAs", "iam.serviceAccounts.get", "iam.serviceAccounts.list"}
    ),
    "roles/iam.serviceAccountTokenCreator": frozenset(
        {
            "iam.serviceAccounts.getAccessToken",
            "iam.serviceAccounts.getOpenIdToken",
            "iam.serviceAccounts.implicitDelegation",
            "iam.serviceAccounts.signBlob",
            "iam.serviceAccounts.signJwt",
            "iam.serviceAccounts.get",
            "iam.serviceAccounts.list",
        }
    ),
    "roles/iam.serviceAccountOpenIdTokenCreator": frozenset({"iam.serviceAccounts.getOpenIdToken"}),
    "roles/iam.workloadIdentityUser": frozenset(
        {
            "iam.serviceAccounts.get",
            "iam.serviceAccounts.getAccessToken",
            "iam.serviceAccounts.getOpenIdToken",
            "iam.serviceAccounts.list",
        }
    ),
    "roles/iam.workloadIdentityPoolAdmin": _POOL_ADMIN | {"resourcemanager.projects.get"},
    "roles/iam.workloadIdentityPoolViewer": frozenset(
        p for p in _VIEW if p.startswith("iam.workloadIdentityPool")
    ),
    "roles/resourcemanager.projectIamAdmin": frozenset(
        {
            "resourcemanager.projects.get",
            "resourcemanager.projects.getIamPolicy",
            "resourcemanager.projects.setIamPolicy",
        }
    ),
}
PERMISSIONS = frozenset[str]().union(*ROLES.values())
