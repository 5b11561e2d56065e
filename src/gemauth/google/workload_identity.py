"""Names in workload identity federation: pools, providers, and the principals that they vouch for.

google-oauth.md 5.1 and 5.3; the forms are those of the IAM API's WorkloadIdentityPoolProvider.
Policies name principals (`emulator/iam/policy.py`), a token exchange names a provider as its
audience (`emulator/authserver/token_exchange.py`), and the IAM API lists both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["ATTRIBUTE", "IS_PRINCIPAL", "PoolName", "ProviderName", "principals"]

_HOST = "//iam.googleapis.com/"
_ID = r"[a-z0-9-]{4,32}"
_POOL = rf"projects/(\d+)/locations/global/workloadIdentityPools/({_ID})"
_PROVIDER = re.compile(rf"{_HOST}{_POOL}/providers/({_ID})", re.ASCII)

ATTRIBUTE = r"[a-z0-9_]{1,100}"
"""A custom attribute's name, without its prefix `attribute.`."""

IS_PRINCIPAL = re.compile(
    rf"principal:{_HOST}{_POOL}/subject/[^\s]{{1,127}}"
    rf"|principalSet:{_HOST}{_POOL}/(\*|group/[^\s]+|attribute\.{ATTRIBUTE}/[^\s]+)",
    re.ASCII,
)
"""Matches a member of an IAM policy that somebody federated can be."""


@dataclass(frozen=True, slots=True)
class PoolName:
    """A workload identity pool: its project's number and its id."""

    project: str
    pool: str

    def __str__(self) -> str:
        """Return the resource name."""
        return f"projects/{self.project}/locations/global/workloadIdentityPools/{self.pool}"


@dataclass(frozen=True, slots=True)
class ProviderName:
    """A provider of a pool."""

    pool: PoolName
    provider: str

    def __str__(self) -> str:
        """Return the resource name."""
        return f"{self.pool}/providers/{self.provider}"

    @property
    def audience(self) -> str:
        """The full resource name, as a token exchange and an OIDC token name the provider."""
        return f"{_HOST}{self}"

    @property
    def default_audiences(self) -> tuple[str, str]:
        """What an OIDC token's `aud` may be where the provider has no list of its own."""
        return self.audience, f"https:{self.audience}"

    @classmethod
    def of_audience(cls, audience: str) -> ProviderName | None:
        """Return the provider that a full resource name is of, or None."""
        match = _PROVIDER.fullmatch(audience)
        if match is None:
            return None
        project, pool, provider = match.groups()
        return cls(PoolName(project, pool), provider)


def principals(
    pool: PoolName, subject: str, groups: Sequence[str], attributes: Mapping[str, str]
) -> tuple[str, ...]:
    """Return every name that policies may have for one federated identity, its own first."""
    base = f":{_HOST}{pool}"
    return (
        f"principal{base}/subject/{subject}",
        f"principalSet{base}/*",
        *(f"principalSet{base}/group/{group}" for group in groups),
        *(f"principalSet{base}/attribute.{name}/{text}" for name, text in attributes.items()),
    )
