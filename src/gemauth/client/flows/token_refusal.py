"""Why a token endpoint refused a grant, as far as its answer tells: cause, fault and next step.

google-oauth.md 2.1 (the error table), 3 (what ends a sign-in) and 7.5. `invalid_grant` alone stands
for a dozen reasons; the grant that was sent, the description and Google's subtype tell some of them
apart. Used by `exchange.py`, which every grant goes through; loaded when one is refused only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gemauth.client import advice
from gemauth.errors import Fault

if TYPE_CHECKING:
    from gemauth.client.advice import Advice
    from gemauth.oauth.error import ErrorBody

__all__ = ["Refusal", "explain", "over"]

_LOGIN = "gemauth login --client-id-file FILE"
_YOU, _PROJECT = Fault.CALLER, Fault.PROJECT
_ADMINISTRATOR, _MACHINE = Fault.ADMINISTRATOR, Fault.MACHINE
_CODE = "authorization_code"
_REFRESH = "refresh_token"
_JWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_REAUTHENTICATION = r"invalid_rapt|rapt_required"


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a refusal means.

    Attributes:
        cause: a sentence.
        fault: who has to act.
        next_step: what to do.
    """

    cause: str
    fault: Fault
    next_step: str


@dataclass(frozen=True, slots=True)
class _Row:
    error: str
    cause: str
    fault: Fault
    step: str | Advice
    grant: str = ""  # any
    words: str = ""  # a pattern for the description and the subtype


# The first row that fits counts.
_TABLE = (
    _Row(
        "invalid_grant",
        "The organization wants a fresh sign-in (Workspace reauthentication).",
        _ADMINISTRATOR,
        f"Sign in again: {_LOGIN} – how often, the organization's administrator sets (Google Cloud "
        "session control).",
        words=_REAUTHENTICATION,
    ),
    _Row(
        "invalid_grant",
        "What was pasted is no whole code.",
        _YOU,
        f"The code was mistyped or cut; start over, and paste the whole address: {_LOGIN}",
        words="auth code",
    ),
    _Row(
        "invalid_grant",
        "The code is another sign-in's: its PKCE verifier is not this one's.",
        _YOU,
        f"Start over, and paste the answer of that sign-in and of no earlier one: {_LOGIN}",
        words="verifier",
    ),
    _Row(
        "invalid_grant",
        "The account was deleted.",
        _YOU,
        f"Sign in with another account: {_LOGIN}",
        words="Account has been deleted",
    ),
    _Row(
        "invalid_grant",
        "The code was used already, is older than a few minutes, or was given to another client.",
        _YOU,
        f"Start over: {_LOGIN}",
        grant=_CODE,
    ),
    _Row(
        "invalid_grant",
        "The key is deleted, expired, or none of this service account's.",
        _YOU,
        "The service account's key was deleted or is not its own; create a new key: "
        "gemauth service-accounts keys create EMAIL --output FILE",
        words="JWT Signature",
    ),
    _Row(
        "invalid_grant",
        "The assertion was written for another token endpoint.",
        _YOU,
        "Use the key file as Google's console or gemauth wrote it: its token_uri is not right.",
        words="audience",
    ),
    _Row(
        "invalid_grant",
        "The assertion's times are not now: this machine's clock is wrong.",
        _MACHINE,
        "Set this machine's clock, and see by how much it is off: gemauth doctor",
        words="Invalid JWT",
    ),
    _Row(
        "invalid_grant",
        "The service account was deleted.",
        _YOU,
        "Use another one: gemauth service-accounts list",
        words="account not found",
    ),
    _Row(
        "invalid_grant",
        "The subject is no person of the organization.",
        _YOU,
        "Correct the address that --subject names.",
        words="valid email or user ID",
    ),
    _Row(
        "invalid_grant",
        "The service account is disabled.",
        _PROJECT,
        advice.ENABLE_ACCOUNT,
        words="Robot is disabled",
    ),
    _Row(
        "invalid_grant",
        "The sign-in is over.",
        _YOU,
        f"Sign in again: {_LOGIN}. A sign-in lasts 7 days while the consent screen is in Testing; "
        "publish it to make it last. It also ends when it is revoked, unused for 6 months, "
        "followed by 100 newer ones, or when the password changes.",
        words="expired or revoked",
    ),
    _Row(
        "invalid_grant",
        "The refresh token is none that the server knows: it was changed or cut, or its account is "
        "gone.",
        _YOU,
        f"Sign in again: {_LOGIN}. A sign-in lasts 7 days while the consent screen is in Testing; "
        "publish it to make it last.",
        grant=_REFRESH,
    ),
    _Row(
        "invalid_grant", "The grant is not, or no longer, good.", _YOU, f"Sign in again: {_LOGIN}"
    ),
    _Row(
        "invalid_client",
        "There is no such OAuth client: it was deleted, or its id was copied wrong.",
        _YOU,
        advice.RENEW_CLIENT,
        words="not found",
    ),
    _Row(
        "invalid_client",
        "The OAuth client's secret is wrong, or was replaced by a newer one.",
        _YOU,
        advice.RENEW_CLIENT,
    ),
    _Row("deleted_client", "The OAuth client was deleted.", _PROJECT, advice.RENEW_CLIENT),
    _Row("disabled_client", "The OAuth client is disabled.", _PROJECT, advice.ENABLE_CLIENT),
    _Row(
        "unauthorized_client",
        "The service account may not act for this person with these scopes.",
        _ADMINISTRATOR,
        "Have domain-wide delegation granted to it for these scopes, under Security → API controls "
        "at https://admin.google.com, or leave the subject out.",
        grant=_JWT,
    ),
    _Row(
        "unauthorized_client",
        "The credentials were issued to another OAuth client.",
        _YOU,
        f"The credentials belong to another OAuth client; sign in again: {_LOGIN}",
    ),
    _Row(
        "redirect_uri_mismatch",
        "The code was given for another redirect address than this sign-in's.",
        _YOU,
        "Use a client of type Desktop app, and paste the URL of this sign-in, not of an earlier "
        "one or of another program.",
    ),
    _Row(
        "invalid_scope",
        "The scopes are none that a service account can have.",
        _YOU,
        "Ask for others: --scopes cloud-platform,retriever",
        grant=_JWT,
    ),
    _Row(
        "invalid_scope",
        "A scope was asked for that was not granted.",
        _YOU,
        f"Ask only for scopes that were granted, or sign in again: {_LOGIN} --scopes LIST",
    ),
    _Row(
        "invalid_request",
        "The OAuth client's secret was not sent: its file has none.",
        _YOU,
        advice.RENEW_CLIENT,
        words="client_secret is missing",
    ),
    _Row(
        "admin_policy_enforced",
        "The administrator of the account's organization does not allow this app.",
        _ADMINISTRATOR,
        "Have the OAuth client's id trusted under Security → API controls → App access control at "
        "https://admin.google.com, or sign in with another account.",
    ),
    _Row(
        "org_internal",
        "The app is Internal: only accounts of its own organization may sign in.",
        _PROJECT,
        advice.OPEN_APP,
    ),
    _Row(
        "access_denied",
        "The account may not use this app: it is none of its test users, or lost its access.",
        _PROJECT,
        advice.BECOME_TESTER,
    ),
    _Row("server_error", "", Fault.SERVER, "Try again in a minute."),
    _Row("internal_failure", "", Fault.SERVER, "Try again in a minute."),
    _Row("temporarily_unavailable", "", Fault.SERVER, "Try again in a minute."),
)


def explain(body: ErrorBody, grant: str, *, emulated: bool) -> Refusal | None:
    """Return what an error means, or None where no table knows it.

    Args:
        body: the endpoint's answer.
        grant: the `grant_type` that was sent.
        emulated: whether an emulator answered.
    """
    said = f"{body.description or ''} {body.subtype or ''}"
    for row in _TABLE:
        if (
            body.error == row.error
            and row.grant in {"", grant}
            and re.search(row.words, said, re.IGNORECASE)
        ):
            step = row.step
            step = step if isinstance(step, str) else step.on(emulated=emulated)
            return Refusal(row.cause, row.fault, step)
    return None


def over(until: float) -> Refusal:
    """Return what a refusal means where the sign-in's own end has passed; epoch seconds."""
    from gemauth.client.lifetime import moment

    return Refusal(
        f"The time that this sign-in was given was over on {moment(until)}.",
        _YOU,
        f"Sign in again: {_LOGIN}. A sign-in lasts 7 days while the consent screen is in Testing; "
        "publish it to make it last.",
    )
