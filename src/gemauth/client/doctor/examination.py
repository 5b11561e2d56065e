"""The doctor's checks in their order, from the ground up: the first that fails is the cause.

`gemauth doctor` runs it; a `Case` says what is examined.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gemauth.client.doctor import api, credentials, environment, network, sign_in
from gemauth.client.doctor.case import Case
from gemauth.client.doctor.finding import Finding, State, failed
from gemauth.errors import GemauthError

if TYPE_CHECKING:
    from gemauth.flow import Flow

__all__ = ["CHECKS", "Report", "examine"]

Check = Callable[[Case], "Finding | Flow[Finding]"]

CHECKS: dict[str, Check] = {
    "side": environment.side,
    "api keys": environment.api_keys,
    "sdk variables": environment.sdk_variables,
    "certificates": environment.certificates,
    "proxy": environment.proxy,
    "credentials": credentials.source,
    "profile": credentials.profile,
    "file": credentials.file,
    "client": credentials.client,
    "names": network.names,
    "token server": network.token_server,
    "api server": network.api_server,
    "clock": network.clock,
    "sign-in": sign_in.lifetime,
    "refresh": sign_in.refresh,
    "token": sign_in.token,
    "test users": sign_in.audience,
    "scopes": api.scopes,
    "models": api.models,
    "tuned models": api.tuned_models,
    "api enabled": api.enabled,
    "quota project": api.quota_project,
}


@dataclass(frozen=True, slots=True)
class Report:
    """All findings, in the checks' order."""

    findings: tuple[Finding, ...]

    @property
    def exit_code(self) -> int:
        """0 where nothing failed, else the code of the first check that did: it is the cause."""
        return next((found.exit_code for found in self.findings if found.exit_code), 0)

    def count(self, state: State) -> int:
        """Return how many checks ended so."""
        return sum(found.state is state for found in self.findings)


def examine(case: Case, told: Callable[[Finding], None] = lambda _: None) -> Flow[Report]:
    """Return the flow of a whole examination; no check keeps the ones behind it from running.

    Args:
        case: what is examined.
        told: hears each finding as it is made.
    """
    findings = []
    for name, check in CHECKS.items():
        try:
            result = check(case)
            found = (yield from result) if isinstance(result, Generator) else result
        except GemauthError as error:
            found = failed(error)
        findings.append(replace(found, check=name))
        told(findings[-1])
    return Report(tuple(findings))
