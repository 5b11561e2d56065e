"""Application Default Credentials: which credential is used, and why (google-oauth.md section 6.5)."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gemauth.client.credentials import Credentials
    from gemauth.client.transport import Transport
    from gemauth.google.endpoints import Endpoints

__all__ = ["Attempt", "Found", "default", "load"]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One place that was looked at: its name, and what was there."""

    place: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Found:
    """The credentials that were chosen.

    Attributes:
        credentials: ready for use.
        source: where they were found, such as `/home/ada/.config/gcloud/application_…json`.
        reason: one sentence on why these.
        tried: every place looked at, in order; the last is the one that won.
    """

    credentials: Credentials
    source: str
    reason: str
    tried: tuple[Attempt, ...]


def default(
    scopes: Iterable[str] | None = None,
    *,
    quota_project: str | None = None,
    emulator: str | None = None,
    endpoints: Endpoints | None = None,
    environ: Mapping[str, str] = os.environ,
    transport: Transport | None = None,
) -> Found:
    """Find credentials as every Google library does, and say why these.

    Args:
        scopes: full or short names for the tokens; None takes what the person granted, or
            `scopes.DEFAULT` for service accounts.
        quota_project: goes before GOOGLE_CLOUD_QUOTA_PROJECT and the file's own.
        emulator: an emulator's address; goes before GEMAUTH_EMULATOR.
        endpoints: goes before both.
        environ: the environment variables.
        transport: asks the metadata server, and later the token endpoint.
    """
    raise NotImplementedError


def load(
    path: str,
    scopes: Iterable[str] | None = None,
    *,
    quota_project: str | None = None,
    emulator: str | None = None,
    endpoints: Endpoints | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Found:
    """Return the credentials of one file: what `--credentials FILE` names.

    Raises:
        NotFoundError: there is no such file.
        DataError: it is no credential file.
        UsageError: its type is one that gemauth cannot use.
    """
    raise NotImplementedError
