"""What the sign-in pages show, as plain values: decisions in, the templates' variables out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gemauth.emulator.authserver import redirect
from gemauth.emulator.authserver.authorize import Authorization, Note
from gemauth.emulator.authserver.blocked import Blocked, request_details
from gemauth.google.scopes import SIGN_IN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gemauth.emulator.authserver.consent import Consent
    from gemauth.emulator.authserver.sign_in import Candidate
    from gemauth.emulator.storage.records import Account
    from gemauth.oauth.authorization import AuthorizationResponse

__all__ = ["account", "answer", "blocked", "code", "consent", "warning"]

Values = dict[str, Any]

# Advice for the developer: English, as everything that is made of parameter names.
_NOTES = {
    Note.NO_PKCE: "No code_challenge: RFC 9700 section 2.1.1 asks every client for PKCE with S256.",
    Note.PLAIN_PKCE: (
        "code_challenge_method is plain (the default), which protects nothing once the URL is "
        "seen. Send S256."
    ),
    Note.NO_STATE: "No state: it ties the answer to the browser that asked (RFC 9700 section 4.7).",
}


def account(authorization: Authorization, candidates: Sequence[Candidate]) -> Values:
    """Return the account chooser's values."""
    return {
        "app": authorization.screen.app_name,
        "hd": authorization.request.hd,
        "candidates": [
            {
                "sub": one.account.sub,
                "name": one.account.name,
                "email": one.account.email,
                "is_signed_in": one.is_signed_in,
                "is_hinted": one.is_hinted,
            }
            for one in candidates
        ],
    }


def warning(authorization: Authorization, person: Account) -> Values:
    """Return the unverified-app page's values."""
    return {
        "app": authorization.screen.app_name,
        "developer": authorization.screen.support_email,
        "is_testing": authorization.screen.publishing_status == "testing",
        "account": _person(person),
    }


def consent(authorization: Authorization, person: Account, standing: Consent) -> Values:
    """Return the consent page's values; sign-in scopes come after the ones to choose from."""
    return {
        "app": authorization.screen.app_name,
        "developer": authorization.screen.support_email,
        "account": _person(person),
        "choices": standing.choices,
        "sign_in": [scope for scope in standing.offered if scope in SIGN_IN],
        "earlier": [scope for scope in standing.earlier if scope not in standing.offered],
        "is_granular": standing.is_granular,
        "notes": [_NOTES[note] for note in authorization.notes],
        "details_lines": request_details(authorization.parameters),
    }


def answer(authorization: Authorization, response: AuthorizationResponse) -> Values:
    """Return the values of the page that posts an answer to the app (response_mode=form_post)."""
    return {
        "app": authorization.screen.app_name,
        "redirect_uri": authorization.redirect_uri,
        "fields": redirect.fields(response),
    }


def code(authorization: Authorization, response: AuthorizationResponse) -> Values:
    """Return the values of the page that shows gcloud's code to a person."""
    return {
        "app": authorization.screen.app_name,
        "code": response.code,
        "redirect": redirect.location(authorization.redirect_uri, response, None),
    }


def blocked(stop: Blocked, extra: Mapping[str, Any]) -> Values:
    """Return an error page's values."""
    return {
        "reason": stop.reason.name.lower(),
        "status": stop.reason.status,
        "error": stop.reason.error,
        "text": stop.reason.page,
        "detail": stop.detail,
        "next_step": stop.next_step,
        "is_command": (stop.next_step or "").startswith("gemauth "),
        "app": stop.app,
        "developer": stop.developer,
        "account": stop.account,
        "details_lines": request_details(stop.parameters) if stop.parameters else [],
        **extra,
    }


def _person(person: Account) -> Values:
    return {"name": person.name, "email": person.email}
