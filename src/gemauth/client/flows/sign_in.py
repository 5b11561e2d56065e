"""What both ways of signing in share: the request, the check of its answer, the code's exchange.

RFC 6749 section 4.1 with PKCE (RFC 7636), one state for one run (RFC 9700 section 4.7) and the
issuer (RFC 9207); Google's parameters are in google-oauth.md section 1.1. `loopback.py` and
`paste.py` differ only in how the redirect comes back.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gemauth.client import advice
from gemauth.client.flows import dead_end
from gemauth.client.flows.exchange import exchange
from gemauth.errors import CredentialError, Fault, UsageError
from gemauth.google import scopes as google_scopes
from gemauth.google.client_secret import ClientSecret, refuse_first_party
from gemauth.oauth import base64url, jwt, pkce
from gemauth.oauth.authorization import AuthorizationRequest, AuthorizationResponse
from gemauth.oauth.client_authentication import ClientAuthentication
from gemauth.oauth.token import AuthorizationCodeGrant, TokenResponse

if TYPE_CHECKING:
    from collections.abc import Callable

    from gemauth.client.advice import Advice
    from gemauth.flow import Flow
    from gemauth.google.endpoints import Endpoints

__all__ = ["Granted", "Pending", "SignIn", "WrongState", "begin", "code_of", "email_in", "redeem"]

# Loose: who it is, is compared in the end; but no line break, and nothing that is no text at all.
_LETTER = r"[^\s@\x00-\x1f\x7f-\x9f\ud800-\udfff]"
_ADDRESS = re.compile(f"{_LETTER}+@{_LETTER}+")
ENTROPY = 32  # bytes: 256 bits, RFC 7636 section 7.1


@dataclass(frozen=True, slots=True)
class SignIn:
    """What a person is asked for: by which client, where, for which scopes, as whom.

    Attributes:
        client: the OAuth client that asks.
        endpoints: which Google is asked.
        scopes: full URLs.
        account: the e-mail address that has to sign in, None for anybody's.
        adding: whether a grant that there is already gets more scopes: what it has is granted
            again with them (`include_granted_scopes`), and it is told whose it is.

    Raises:
        UsageError: the client is a web client, or Google's own and to be used at Google; or the
            account is no e-mail address.
    """

    client: ClientSecret
    endpoints: Endpoints
    scopes: tuple[str, ...]
    account: str | None = None
    adding: bool = False

    def __post_init__(self) -> None:
        if not self.endpoints.is_emulator:
            refuse_first_party(self.client.client_id)
        if self.account is not None and not _ADDRESS.fullmatch(self.account):
            raise UsageError(
                f"{self.account!r} is no e-mail address, by which an account is known.",
                next_step="Name the whole one: --account ada@example.com; or leave it out.",
            )
        if self.client.kind != "installed":
            raise UsageError(
                "This is a web client; a sign-in on this machine needs a desktop client.",
                next_step=self.advise(advice.NEW_CLIENT),
            )

    def advise(self, step: Advice) -> str:
        """Return a next step in the words of the side that is asked.

        A page that never redirects (google-oauth.md 1.3) needs `advice.ADD_TESTER`, most often.
        """
        emulated, project = self.endpoints.is_emulator, self.client.project_id
        return step.on(emulated=emulated, project=project, email=self.account)

    @property
    def asked(self) -> tuple[str, ...]:
        """The scopes on the wire; with an account to hold to, also those that tell who it is."""
        if self.account is None and not self.adding:
            return google_scopes.canonical(self.scopes)
        identity = (google_scopes.OPENID, google_scopes.EMAIL)
        return google_scopes.canonical((*identity, *self.scopes))


@dataclass(frozen=True, slots=True)
class Pending:
    """A sign-in under way: the URL for the person, and what its answer has to match."""

    sign_in: SignIn
    redirect_uri: str
    url: str = field(repr=False)
    state: str = field(repr=False)
    verifier: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Granted:
    """What a person granted.

    Attributes:
        tokens: the token endpoint's answer; it has an access and a refresh token.
        scopes: the scopes granted, as the endpoint names them.
        missing: those asked for and not granted.
        account: the e-mail address, where it was granted.
    """

    tokens: TokenResponse
    scopes: tuple[str, ...]
    missing: tuple[str, ...]
    account: str | None


class WrongState(CredentialError):  # noqa: N818  # it names what happened
    """An answer that belongs to another sign-in, or to nobody's."""


def begin(sign_in: SignIn, redirect_uri: str, entropy: Callable[[int], bytes]) -> Pending:
    """Return a new sign-in with a PKCE verifier and a state of 256 random bits each."""
    verifier = pkce.verifier(entropy(ENTROPY))
    state = base64url.encode(entropy(ENTROPY))
    request = AuthorizationRequest(
        client_id=sign_in.client.client_id,
        redirect_uri=redirect_uri,
        scopes=sign_in.asked,
        state=state,
        code_challenge=pkce.challenge(verifier),
        code_challenge_method=pkce.S256,
        # Both are needed for a refresh token at every sign-in (google-oauth.md 1.1, 1.4).
        access_type="offline",
        prompt="consent",
        login_hint=sign_in.account,
        include_granted_scopes="true" if sign_in.adding else None,
    )
    url = request.to_url(sign_in.endpoints.authorization)
    return Pending(sign_in, redirect_uri, url, state, verifier)


def code_of(pending: Pending, answer: AuthorizationResponse) -> str:
    """Return the code of a redirect that is this sign-in's own.

    Raises:
        WrongState: its state is another's, or missing; nothing else in it was believed.
        DeadEnd: the person declined, or the endpoint refused.
        CredentialError: the answer comes from another issuer.
    """
    if not hmac.compare_digest((answer.state or "").encode(), pending.state.encode()):
        raise WrongState(
            "This answer belongs to another sign-in (its state is not the one that was sent).",
            next_step="Use the page that this sign-in opened.",
        )
    # RFC 9207 section 2.4; Google sends it since 2026, so its absence proves nothing yet.
    if answer.iss is not None and answer.iss != pending.sign_in.endpoints.issuer:
        raise CredentialError(
            "The answer names another issuer than the one that was asked.",
            next_step="Start over; if it happens again, something between answers in its place.",
            fault=Fault.SERVER,
            evidence=f"iss={answer.iss}",
        )
    if answer.error is not None or not answer.code:
        raise dead_end.of_redirect(answer, pending.sign_in.advise)
    return answer.code


def redeem(pending: Pending, code: str) -> Flow[Granted]:
    """Exchange a code for tokens, and see what was granted and to whom.

    Raises:
        TokenRefused: the token endpoint refused the code or the client.
        UnreachableError: it could not be asked, or its answer is none.
        CredentialError: there is no refresh token, or somebody else signed in.
    """
    sign_in = pending.sign_in
    grant = AuthorizationCodeGrant(code, pending.redirect_uri, pending.verifier)
    client = ClientAuthentication(sign_in.client.client_id, sign_in.client.client_secret)
    tokens = yield from exchange(sign_in.endpoints.token, grant.to_form() | client.to_form())
    # RFC 6749 section 5.1: no scope in the answer means: as requested.
    granted = google_scopes.canonical(tokens.scopes or sign_in.asked)
    account = email_in(tokens, sign_in.client.client_id, sign_in.endpoints)
    if sign_in.account is not None and (account or "").lower() != sign_in.account.lower():
        raise CredentialError(
            f"{account or 'Somebody unnamed'} signed in instead of {sign_in.account}.",
            next_step="Run it again and choose the account on the first page.",
        )
    if tokens.refresh_token is None or tokens.access_token is None:
        raise CredentialError(
            "The token endpoint sent no refresh token, so the sign-in would end within the hour.",
            next_step=f"{sign_in.advise(advice.REMOVE_APP)} – then sign in anew.",
            fault=Fault.SERVER,
        )
    missing = tuple(scope for scope in sign_in.asked if scope not in granted)
    return Granted(tokens, granted, missing, account)


def email_in(tokens: TokenResponse, client_id: str, endpoints: Endpoints) -> str | None:
    """Return the address in the id token that came with an access token, if there is one.

    Its signature is not checked: it came straight from the token endpoint over TLS, or from an
    emulator on this machine (OIDC core section 3.1.3.7, rule 6).

    Raises:
        CredentialError: the id token is for another client or of another issuer.
    """
    if tokens.id_token is None:
        return None
    try:
        claims = jwt.decode(tokens.id_token).claims
    except jwt.MalformedJwt:
        claims = {}
    issuer = endpoints.issuer
    # Google's older id tokens name the issuer without its scheme (google-oauth.md 2.2).
    if claims.get("iss") not in {issuer, issuer.removeprefix("https://")} or (
        claims.get("aud") != client_id
    ):
        raise CredentialError(
            "The id token in the answer is not for this client, or not of the issuer asked.",
            next_step="Start over: gemauth login --client-id-file FILE",
            fault=Fault.SERVER,
        )
    email = claims.get("email")
    return email if isinstance(email, str) and email else None
