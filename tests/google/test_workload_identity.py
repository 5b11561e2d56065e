from __future__ import annotations

import pytest

from gemauth.google.workload_identity import (
    IS_PRINCIPAL,
    PoolName,
    ProviderName,
    principals,
)

POOL = PoolName("123456789012", "my-pool")
AUDIENCE = (
    "//iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/my-pool"
    "/providers/my-ci"
)
BASE = AUDIENCE.removesuffix("/providers/my-ci")


def test_a_provider_and_its_audience() -> None:
    """A provider's full resource name is read back; a token may name it with https, too"""
    name = ProviderName(POOL, "my-ci")
    assert name.audience == AUDIENCE
    assert ProviderName.of_audience(AUDIENCE) == name
    assert name.default_audiences == (AUDIENCE, f"https:{AUDIENCE}")


@pytest.mark.parametrize(
    "audience",
    [
        "",
        "my-ci",
        f"https:{AUDIENCE}",
        f"{AUDIENCE}/",
        BASE,
        AUDIENCE.replace("123456789012", "my-project"),
        AUDIENCE.replace("global", "us-east1"),
        "//iam.googleapis.com/locations/global/workforcePools/p/providers/q",
    ],
)
def test_what_is_no_provider(audience: str) -> None:
    """Only the full resource name with the project's number is one"""
    assert ProviderName.of_audience(audience) is None


def test_principals() -> None:
    """Somebody federated is a principal, and belongs to sets by pool, group and attribute"""
    names = principals(POOL, "repo:a/b", ["admins"], {"team": "a/b"})
    assert names == (
        f"principal:{BASE}/subject/repo:a/b",
        f"principalSet:{BASE}/*",
        f"principalSet:{BASE}/group/admins",
        f"principalSet:{BASE}/attribute.team/a/b",
    )
    assert all(IS_PRINCIPAL.fullmatch(name) for name in names)


@pytest.mark.parametrize(
    "member",
    [
        f"principal:{BASE}/subject/",
        f"principal:{BASE}/*",
        f"principalSet:{BASE}/subject/a",
        f"principalSet:{BASE}/attribute.Team/a",
        f"principalSet:{BASE.replace('123456789012', 'my-project')}/*",
        "principal:someone@example.com",
    ],
)
def test_what_is_no_principal(member: str) -> None:
    """Other forms are refused in policies"""
    assert IS_PRINCIPAL.fullmatch(member) is None
