"""Which page comes next: the account, the warning, the consent, or the answer already.

google-oauth.md section 1.4; OpenID Connect core section 3.1.2.1 (`prompt`, `login_hint`). Decisions
over storage, made anew before every page and every answer, so that a tester who was removed in
between is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from gemauth.emulator.accounts import people
from gemauth.emulator.authserver import consent
from gemauth.emulator.authserver.blocked import Blocked, Reason
from gemauth.emulator.iam import audience
from gemauth.emulator.storage.records import Account

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gemauth.emulator.authserver.authorize import Authorization
    from gemauth.emulator.context import Entropy
    from gemauth.emulator.storage.store import Transaction
    from gemauth.oauth.authorization import AuthorizationResponse

__all__ = ["Candidate", "Page", "candidates", "first_account", "next_step"]


class Page(Enum):
    """A page that a person has to pass; the value is the last part of its path."""

    ACCOUNT = "account"
    WARNING = "warning"
    CONSENT = "consent"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An account on the chooser."""

    account: Account
    is_signed_in: bool
    is_hinted: bool


def first_account(
    tx: Transaction, authorization: Authorization, subs: Sequence[str]
) -> Account | AuthorizationResponse | None:
    """Return the account that needs no choosing, None for a choice, or an error for prompt=none.

    Args:
        tx: any transaction.
        authorization: the request.
        subs: who is signed in in this browser.
    """
    signed_in = [account for sub in subs if (account := tx.get(Account, sub))]
    hint = authorization.request.login_hint
    hinted = people.resolve(tx, hint) if hint else None
    only = signed_in[0] if hint is None and len(signed_in) == 1 else None
    known = hinted if hinted in signed_in else only
    if "none" in authorization.prompt:
        if known is None:
            several = hint is None and len(signed_in) > 1
            error = "interaction_required" if several else "login_required"
            return consent.refusal(authorization, error)
        return known
    if "select_account" in authorization.prompt:
        return None
    if only is not None and consent.consent(tx, authorization, only).offered:
        return None  # there is something to ask, so the account is confirmed first
    return known


def candidates(
    tx: Transaction, authorization: Authorization, subs: Sequence[str]
) -> list[Candidate]:
    """Return the chooser's accounts: the hinted one, those signed in, then the rest.

    `hd` narrows the list as the documentation says, and is no rule: `*` is any Workspace account.
    """
    request = authorization.request
    hinted = people.resolve(tx, request.login_hint) if request.login_hint else None
    found = [
        Candidate(account, account.sub in subs, account == hinted)
        for account in people.everyone(tx)
        if request.hd is None
        or account.domain == request.hd
        or (request.hd == "*" and account.domain)
    ]
    found.sort(key=lambda candidate: (not candidate.is_hinted, not candidate.is_signed_in))
    return found


def next_step(
    tx: Transaction,
    now: float,
    entropy: Entropy,
    authorization: Authorization,
    account: Account,
    *,
    warned: bool,
) -> Page | Blocked | AuthorizationResponse:
    """Return what follows once the account is known.

    A code is issued here where everything was granted before (a write transaction is needed).
    """
    excluded = audience.exclusion(tx, authorization.project, authorization.screen, account)
    if excluded is not None:
        return _blocked(authorization, account, excluded)
    standing = consent.consent(tx, authorization, account)
    if not standing.offered:
        return consent.pass_by(tx, now, entropy, authorization, account)
    if "none" in authorization.prompt:
        return consent.refusal(authorization, "consent_required")
    if not warned and consent.needs_warning(authorization, standing):
        return Page.WARNING
    return Page.CONSENT


def _blocked(
    authorization: Authorization, account: Account, excluded: audience.Exclusion
) -> Blocked:
    project = authorization.project
    if excluded is audience.Exclusion.NOT_A_TESTER:
        reason = Reason.NOT_A_TESTER
        detail = (
            f"The app of project {project.project_id} is External and in Testing, and "
            f"{account.email} is not one of its test users."
        )
        next_step = f"gemauth emulator test-users add {project.project_id} {account.email}"
    else:
        reason = Reason.OTHER_ORGANIZATION
        detail = (
            f"The app of project {project.project_id} is Internal to "
            f"{project.organization or 'an organization, and the project is in none'}; "
            f"{account.email} belongs to {account.domain or 'no organization'}."
        )
        next_step = (
            "Sign in with an account of the organization, or make the app External: "
            f"gemauth emulator consent-screen set {project.project_id} --user-type external"
        )
    return Blocked(
        reason,
        detail,
        next_step,
        parameters=authorization.parameters,
        app=authorization.screen.app_name,
        developer=authorization.screen.support_email,
        account=account.email,
    )
