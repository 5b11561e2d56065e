"""The doctor on the sign-in: how long it lasts, whether it still yields tokens, what they are.

google-oauth.md 2.1, 2.5 and section 3. The refresh is a real one; its token is kept nowhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.client.doctor.finding import Finding, failed, ok, skipped, warning
from gemauth.client.doctor.remedies import SIGN_IN, TESTERS, remedy
from gemauth.client.flows.exchange import TokenRefused
from gemauth.client.flows.tokeninfo import tokeninfo
from gemauth.client.lifetime import SOON, duration, sign_in_life
from gemauth.client.sources import chain
from gemauth.errors import CredentialError, Fault, GemauthError, UnreachableError
from gemauth.flow import Flow, Now
from gemauth.google.credentials import AuthorizedUser, ServiceAccountKey
from gemauth.google.scopes import short

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gemauth.client.doctor.case import Case
    from gemauth.client.token import TokenSource

__all__ = ["audience", "lifetime", "refresh", "token"]

_REAUTHENTICATE = ("invalid_rapt", "rapt_required")


def lifetime(case: Case) -> Flow[Finding]:
    """How long the sign-in itself lasts, with the seven-day rule where it may apply."""
    if case.found is None or case.found.kind != "authorized_user":
        return skipped("There is no person's sign-in that could end.")
    now: float = yield Now()
    end, told = case.found.refresh_until, sign_in_life(case.found, now)
    if end is None or end - now > SOON:
        return ok(told)
    if end > now:
        return warning(told, fault=Fault.CALLER, next_step=SIGN_IN)
    return failed(CredentialError(told), next_step=SIGN_IN)


def refresh(case: Case) -> Flow[Finding]:
    """Whether the server still gives tokens for the credentials."""
    if case.found is None:
        return skipped("There are no credentials.")
    now: float = yield Now()
    given = case.found.kind == "access_token"
    try:
        case.token = yield from _uncached(case).token(fresh=not given)
    except GemauthError as error:
        case.refused = error
        if isinstance(error, UnreachableError) and _asks_token_server(case):
            return skipped("No token could be asked for (see token server).")
        return failed(
            error, message=f"{error.message}{_why(error, case, now)}", next_step=remedy(error, case)
        )
    if given:
        return skipped("The token was given as it is: nothing renews it.")
    if case.token.expires_at is None:
        return ok("The server gives tokens.")
    return ok(f"The server gives tokens, for {duration(case.token.expires_at - now)}.")


def token(case: Case) -> Flow[Finding]:
    """What the server says of the token, against what the file says."""
    if case.token is None or case.endpoints is None:
        return skipped("There is no token to ask about.")
    if case.token.value.startswith("ey"):
        return skipped("The token is one that the service account signed itself.")
    case.info = info = yield from tokeninfo(case.endpoints, case.token.value)
    kept = None if case.file is None else case.file.credentials
    if isinstance(kept, AuthorizedUser) and info.audience not in {None, kept.client_id}:
        return warning(
            "The token was issued to another OAuth client than the file names.",
            fault=Fault.CALLER,
            evidence=f"{info.audience} instead of {kept.client_id}",
            next_step=SIGN_IN,
        )
    known = None if case.found is None else case.found.account
    if info.account and known and info.account.lower() != known.lower():
        return warning(
            f"The token is {info.account}'s, and the file names {known}.",
            fault=Fault.CALLER,
            next_step=SIGN_IN,
        )
    whose = info.account or known or "an account that it does not name"
    return ok(f"The token is for {whose}.", evidence=", ".join(map(short, info.scopes)) or None)


def audience(case: Case) -> Finding:
    """Whether the app is open to the account: its testers, while in Testing, as far as it shows."""
    if case.found is None or case.found.kind != "authorized_user":
        return skipped("Test users matter for a person's sign-in only.")
    if case.token is not None:
        return ok("The app is open to this account: the server gives it tokens.")
    step = TESTERS.on(emulated=case.emulated, project=case.found.project)
    if isinstance(case.refused, TokenRefused) and case.refused.body.error == "invalid_grant":
        return skipped(
            "The refusal does not say whether the account is still a test user: look there.",
            next_step=step,
        )
    return skipped("Only a server that gives tokens shows it.")


def _asks_token_server(case: Case) -> bool:
    """Whether the server that gives the token is the one that did not answer before."""
    assert case.found is not None
    own = case.found.kind in {AuthorizedUser.type, ServiceAccountKey.type}
    return own and "token server" in case.unreached


def _uncached(case: Case) -> TokenSource:
    """Return a source that reads no cache and writes none: it knows no home to keep one in."""
    assert case.found is not None
    if case.found.path is None or case.file is None:
        return case.found.source
    homeless: Mapping[str, str] = {
        name: value
        for name, value in case.environ.items()
        if name not in {"HOME", "XDG_CONFIG_HOME", "APPDATA"}
    }
    path, emulator = case.found.path, case.emulator
    return chain.load(path, environ=homeless, emulator=emulator).credentials.source


def _why(error: GemauthError, case: Case, now: float) -> str:
    """Return what is known of the reason, since invalid_grant stands for all of them."""
    if not isinstance(error, TokenRefused) or error.body.error != "invalid_grant":
        return ""
    told = f"{error.body.subtype} {error.body.description}"
    if any(word in told for word in _REAUTHENTICATE):
        return " The organization asks its people to sign in again every so often."
    if case.found is None or case.found.kind != "authorized_user":
        return ""
    end = case.found.refresh_until
    if end is not None and end <= now:
        return " The time that this sign-in was given is over (7 days for an app in Testing)."
    return (
        " It was revoked, or its account or OAuth client is closed to it; else the password was "
        "changed, it was unused for 6 months, or 100 newer sign-ins followed."
    )
