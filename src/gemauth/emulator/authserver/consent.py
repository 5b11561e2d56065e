"""What a person is asked to allow, and what comes of the answer: a grant and a code, or a refusal.

google-oauth.md sections 1.1 (`include_granted_scopes`, `access_type`), 1.4 and 3; RFC 6749 sections
4.1.2 and 4.1.2.1, RFC 9207. Decisions over storage; the routes show and read the page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gemauth.emulator.authserver.scope_policy import SENSITIVE
from gemauth.emulator.storage.hashing import digest
from gemauth.emulator.storage.records import Account, AuthorizationCode, OAuthClient
from gemauth.emulator.tokens import grants, shape
from gemauth.google.endpoints import GOOGLE
from gemauth.google.scopes import SIGN_IN
from gemauth.oauth.authorization import AuthorizationResponse

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from gemauth.emulator.authserver.authorize import Authorization
    from gemauth.emulator.context import Entropy
    from gemauth.emulator.storage.store import Transaction

__all__ = ["CODE_LIFETIME", "Consent", "allow", "consent", "needs_warning", "pass_by", "refusal"]

CODE_LIFETIME = 600.0
"""Seconds that a code waits to be exchanged (section 3)."""


@dataclass(frozen=True, slots=True)
class Consent:
    """Where a person and an app stand.

    Attributes:
        earlier: what was granted before and still is.
        offered: what the page asks for, empty where no page is needed: what is new, or with
            `prompt=consent` everything.
        is_granular: whether each of the `choices` has a box of its own.
    """

    earlier: tuple[str, ...]
    offered: tuple[str, ...]

    @property
    def choices(self) -> tuple[str, ...]:
        """The offered scopes beyond sign-in."""
        return tuple(scope for scope in self.offered if scope not in SIGN_IN)

    @property
    def is_granular(self) -> bool:
        """Whether the choices have boxes: more than one of them (section 1.4).

        `enable_granular_consent=false` changes nothing: Google heeds it for clients made before
        2019 only (developers.google.com, "Using OAuth 2.0 for Web Server Applications").
        """
        return len(self.choices) > 1


def consent(tx: Transaction, authorization: Authorization, account: Account) -> Consent:
    """Return what has to be asked of an account for a request."""
    standing = [
        grant
        for client in _siblings(tx, authorization)
        if (grant := grants.standing(tx, account.sub, client.client_id))
    ]
    earlier = _union(*(grant.scopes for grant in standing))
    asked = authorization.scopes
    if "consent" not in authorization.prompt:
        asked = tuple(scope for scope in asked if scope not in earlier)
    return Consent(earlier, asked)


def needs_warning(authorization: Authorization, standing: Consent) -> bool:
    """Whether the unverified-app page comes before consent.

    It does where an External app asks for sensitive scopes: the emulator verifies none but
    Google's own.
    """
    return (
        authorization.client.kind != "first_party"
        and authorization.screen.user_type == "external"
        and not SENSITIVE.isdisjoint(standing.offered)
    )


def allow(
    tx: Transaction,
    now: float,
    entropy: Entropy,
    authorization: Authorization,
    account: Account,
    ticked: Collection[str],
) -> AuthorizationResponse:
    """Return the answer to "allow": a code for what was ticked, or `access_denied` for nothing.

    Scopes without a box (sign-in, or a single choice) come with the button. What a form ticks
    beyond the offer counts for nothing. With no box ticked, the sign-in scopes and those that were
    granted before remain; Google documents no rule for it, this one gives what was agreed to.
    """
    standing = consent(tx, authorization, account)
    boxes = frozenset(standing.choices if standing.is_granular else ())
    refused = boxes - frozenset(ticked)
    scopes = tuple(scope for scope in authorization.scopes if scope not in refused)
    if not scopes:
        return refusal(authorization, "access_denied")
    earlier = tuple(scope for scope in standing.earlier if scope not in refused)
    return _answer(tx, now, entropy, authorization, account, scopes, earlier, shown=True)


def pass_by(
    tx: Transaction, now: float, entropy: Entropy, authorization: Authorization, account: Account
) -> AuthorizationResponse:
    """Return the answer where everything was granted before and no page was shown."""
    earlier = consent(tx, authorization, account).earlier
    return _answer(
        tx, now, entropy, authorization, account, authorization.scopes, earlier, shown=False
    )


def refusal(authorization: Authorization, error: str) -> AuthorizationResponse:
    """Return an error answer, such as `access_denied` or `login_required`."""
    return AuthorizationResponse(state=authorization.request.state, error=error, iss=GOOGLE.issuer)


def _answer(
    tx: Transaction,
    now: float,
    entropy: Entropy,
    authorization: Authorization,
    account: Account,
    scopes: tuple[str, ...],
    earlier: tuple[str, ...],
    *,
    shown: bool,
) -> AuthorizationResponse:
    request = authorization.request
    client_id = authorization.client.client_id
    grant = grants.standing(tx, account.sub, client_id)
    # What was granted once and has been unticked now is no longer granted.
    kept = () if grant is None else (scope for scope in grant.scopes if scope in earlier)
    grant = grants.record(tx, now, entropy, account.sub, client_id, _union(kept, scopes))
    if _includes_granted(authorization):
        scopes = _union(scopes, earlier)
    code = shape.authorization_code(entropy)
    tx.add(
        AuthorizationCode(
            code_hash=digest(code),
            grant_id=grant.grant_id,
            sub=account.sub,
            client_id=client_id,
            redirect_uri=authorization.redirect_uri,
            scopes=scopes,
            code_challenge=request.code_challenge,
            code_challenge_method=None
            if request.code_challenge is None
            else request.code_challenge_method or "plain",  # RFC 7636 section 4.3
            nonce=request.nonce,
            offline=request.access_type == "offline",
            consent_shown=shown,
            expires_at=now + CODE_LIFETIME,
        )
    )
    more = {"authuser": "0", "prompt": "consent" if shown else "none"}
    if account.domain is not None:
        more["hd"] = account.domain
    return AuthorizationResponse(
        code=code, state=request.state, iss=GOOGLE.issuer, scopes=scopes, more=more
    )


def _includes_granted(authorization: Authorization) -> bool:
    """Whether the token covers earlier grants too.

    For every kind of client: the documentation excludes installed apps, but the union has been
    observed with them (section 12).
    """
    return authorization.request.include_granted_scopes == "true"


def _siblings(tx: Transaction, authorization: Authorization) -> Iterable[OAuthClient]:
    """Return the clients whose grants count: with `include_granted_scopes` the whole project's."""
    if not _includes_granted(authorization):
        return [authorization.client]
    return tx.find(OAuthClient, project_id=authorization.project.project_id)


def _union(*lists: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(scope for scopes in lists for scope in scopes))
