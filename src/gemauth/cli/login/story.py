"""What `gemauth login` tells of a sign-in: to people in lines, to programs without secrets."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from gemauth.cli.failure import redact

if TYPE_CHECKING:
    from gemauth.client.login import Proof, SignedIn
    from gemauth.client.quota_project import Check

__all__ = ["added", "story", "summary"]

_DAY = 86_400.0
# Google ends sign-ins to apps in Testing this long after consent (google-oauth.md section 3).
_TESTING = 7 * _DAY


def summary(signed_in: SignedIn) -> dict[str, Any]:
    """Return what a program may want to know of a sign-in, without secrets."""
    from gemauth.clock import rfc3339

    until = signed_in.refresh_until
    return {
        "account": signed_in.account,
        "credentials": signed_in.path,
        "profile": signed_in.profile,
        "inUse": signed_in.in_use,
        "store": signed_in.store,
        "granted": list(signed_in.granted),
        "missing": list(signed_in.missing),
        "closed": list(signed_in.closed),
        "added": list(added(signed_in)),
        "unsure": signed_in.unsure,
        "refreshUntil": None if until is None else rfc3339(until),
        "quotaProject": signed_in.credentials.quota_project,
        "billing": _billing(signed_in),
        "proof": _proof(signed_in.proof),
    }


def added(signed_in: SignedIn) -> tuple[str, ...]:
    """Return the scopes that a sign-in has got beyond those that it had; none for a new one."""
    if signed_in.earlier is None:
        return ()
    return tuple(scope for scope in signed_in.granted if scope not in signed_in.earlier)


def _billing(signed_in: SignedIn) -> dict[str, Any] | None:
    from gemauth.cli.failure import redact

    found = signed_in.billing
    if found is None:
        return None
    return {
        "project": found.project,
        "allowed": found.allowed,
        "message": found.problem and redact(found.problem.message),
    }


def _proof(proof: Proof | None) -> dict[str, Any] | None:
    if proof is None:
        return None
    return {
        "outcome": "refused" if proof.refused else "unknown" if proof.error else "accepted",
        "message": proof.error and redact(proof.error.message),
    }


def story(signed_in: SignedIn, now: float, *, elsewhere: bool) -> list[str]:
    """Return what a person should know of a sign-in, line by line.

    Args:
        signed_in: what it brought.
        now: epoch seconds.
        elsewhere: whether it is kept elsewhere than in ADC's own place.
    """
    from gemauth.google.scopes import DESCRIPTIONS, short, typed

    lines = [_headline(signed_in)]
    new = added(signed_in)
    lines += [
        f"  {'added  ' if scope in new else 'granted'}      {short(scope)}"
        for scope in signed_in.granted
    ]
    for scope in signed_in.missing:
        what = DESCRIPTIONS.get(scope)
        lines.append(f"  NOT granted  {short(scope)}" + (f" – {what}" if what else ""))
    if signed_in.missing:
        names = ",".join(map(typed, signed_in.missing))
        where = f" --output {shlex.quote(signed_in.path)}" if elsewhere else ""
        where = f" --profile {signed_in.profile}" if signed_in.profile else where
        lines += [f"  will not work: {name}" for name in signed_in.closed]
        lines.append(
            "Calls that need what was not granted will be refused with 403. To grant it, tick its "
            f"box: gemauth login --add-scopes {names}{where}"
        )
    lines.append(_until(signed_in, now))
    if signed_in.proof is not None and signed_in.proof.error is None:
        lines.append("The Gemini API answered a first call: models can be listed.")
    if signed_in.billing is not None:
        lines.append(_billed(signed_in.billing))
    lines.append(_kept(signed_in))
    if signed_in.unsure:
        lines.append(
            "Whose sign-in was there before is not known: it was not granted email. If it was "
            "somebody else's, this one has taken its place."
        )
    if signed_in.replaced:
        lines.append(
            "The refresh token that was there is replaced and not revoked: where a copy of it is, "
            "it goes on without the new scopes. gemauth revoke ends both."
        )
    lines.append(_use(signed_in, elsewhere=elsewhere))
    return lines


def _headline(signed_in: SignedIn) -> str:
    who = f"Signed in as {signed_in.account}" if signed_in.account else "Signed in"
    if signed_in.proof is not None and signed_in.proof.refused:
        return f"{who}, but the Gemini API refuses a first call; the credentials are kept:"
    return f"{who}."


def _until(signed_in: SignedIn, now: float) -> str:
    from gemauth.client.advice import PUBLISH
    from gemauth.clock import rfc3339

    end = signed_in.refresh_until
    if end is None:
        return "They last until you revoke them (gemauth revoke) or Google ends them."
    day = rfc3339(float(int(end))).replace("T", " ").replace("Z", " UTC")
    if end - now > _TESTING:
        return f"They last until {day}; then sign in again."
    more = PUBLISH.on(
        emulated=signed_in.credentials.endpoints.is_emulator, project=signed_in.credentials.project
    )
    return f"They last until {day}: an app in Testing gets 7 days. {more}"


def _billed(found: Check) -> str:
    """Return which project the calls count against."""
    from gemauth.cli.failure import redact

    if found.problem is None:
        return (
            f"Calls count against {found.project}, the client's own project: it is the quota "
            "project now (gemauth set-quota-project)."
        )
    return (
        f"No quota project is kept; the client's own, {found.project}, is billed without it. "
        f"{redact(found.problem.message)}"
    )


def _kept(signed_in: SignedIn) -> str:
    """Return where the secrets are."""
    if signed_in.store != "file":
        return (
            f"The refresh token is in the keyring ({signed_in.store}); {signed_in.path} only "
            "points there. No other Google library can read it."
        )
    if signed_in.profile is not None:
        return f"Credentials saved as the profile {signed_in.profile}, readable by you alone."
    return f"Credentials saved to {signed_in.path}, readable by you alone."


def _use(signed_in: SignedIn, *, elsewhere: bool) -> str:
    """Return how programs come to use a sign-in."""
    endpoints = signed_in.credentials.endpoints
    if endpoints.is_emulator:
        # google-auth takes any saved sign-in to Google, whatever the file says (section 0, 3).
        which = f"--credentials {signed_in.path} and " if elsewhere else ""
        which = f"--profile {signed_in.profile} and " if signed_in.profile else which
        return f"To use them: {which}GEMAUTH_EMULATOR={endpoints.gemini}"
    if signed_in.profile is not None and not signed_in.in_use:
        name = signed_in.profile
        more = (
            f" In every library: gemauth profiles use {name}" if signed_in.store == "file" else ""
        )
        return f"To use them: --profile {name}, or GEMAUTH_PROFILE={name}.{more}"
    if elsewhere and signed_in.profile is None:
        return f"To use them: --credentials {signed_in.path}, or GOOGLE_APPLICATION_CREDENTIALS."
    return "Every library that looks for Application Default Credentials there uses them."
