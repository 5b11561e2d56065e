"""ID tokens: who somebody is, signed by Google for one audience (google-oauth.md 2.2).

OpenID Connect Core 1.0, section 2. A service such as Cloud Run takes one where an API takes an
access token. `client/sources/` asks for them, each source as Google has it; `Credentials` and
`gemauth print-identity-token` hand them out. None is kept: it is a request each time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from gemauth.errors import Fault, UnreachableError, UsageError
from gemauth.oauth import jwt

if TYPE_CHECKING:
    from gemauth.client.token import TokenSource
    from gemauth.flow import Flow

__all__ = ["IdentitySource", "IdentityToken", "NoIdentityError", "identity", "required"]


@dataclass(frozen=True, slots=True)
class IdentityToken:
    """An ID token and what it says; its signature is not verified here.

    Whoever takes one has to verify it (`google.oauth2.id_token.verify_oauth2_token`). Who asked for
    it has it from Google's own server, which TLS has proved (OpenID Connect Core, 3.1.3.7, step 6).

    Attributes:
        value: what is sent.
        audience: who is to accept it: the `aud` claim.
        expires_at: its end, epoch seconds by the server's clock.
        subject: the account's number.
        email: the account's address; None where the token does not tell it.
    """

    value: str = field(repr=False)
    audience: str
    expires_at: float
    subject: str | None = None
    email: str | None = None

    @classmethod
    def read(cls, value: object, audience: str) -> IdentityToken:
        """Return the token that a server answered with.

        Args:
            value: what stood where the token should.
            audience: whom it was asked for.

        Raises:
            UnreachableError: it is no ID token, or one for somebody else.
        """
        try:
            claims = jwt.decode(value if isinstance(value, str) else "").claims
            end = float(claims["exp"])
        except (jwt.MalformedJwt, KeyError, TypeError, ValueError, OverflowError):
            raise UnreachableError(
                "The server answered without an ID token.",
                fault=Fault.SERVER,
                next_step="See what answers there: gemauth doctor",
            ) from None
        if claims.get("aud") != audience:
            raise UnreachableError(
                f"The server answered with an ID token that is not for {audience}.",
                fault=Fault.SERVER,
                next_step="See what answers there: gemauth doctor",
            )
        told = {name: claims.get(name) for name in ("sub", "email")}
        known = {name: text if isinstance(text, str) else None for name, text in told.items()}
        return cls(str(value), audience, end, known["sub"], known["email"])


@runtime_checkable
class IdentitySource(Protocol):
    """A source of access tokens that also says how ID tokens are to be had."""

    def identity(self, audience: str | None, *, include_email: bool = False) -> Flow[IdentityToken]:
        """Return a new ID token.

        Args:
            audience: who is to accept it; None where the source knows only one.
            include_email: have it tell the account's address; some always do.

        Raises:
            UsageError: Google gives none for such credentials (`NoIdentityError`), or none for this
                audience, or there has to be one.
            CredentialError: the server no longer accepts the credential.
            UnreachableError: the server could not be asked.
        """
        ...


class NoIdentityError(UsageError):
    """Google gives no ID token for such credentials."""

    def __init__(self, message: str) -> None:
        super().__init__(
            message,
            next_step="Act as a service account, which gets them for any audience: "
            "--impersonate-service-account EMAIL.",
        )


def identity(
    source: TokenSource, audience: str | None, *, include_email: bool = False
) -> Flow[IdentityToken]:
    """Return a new ID token of a source; errors as `IdentitySource.identity`."""
    if not isinstance(source, IdentitySource):
        raise NoIdentityError("These credentials have no ID tokens.")
    return source.identity(audience, include_email=include_email)


def required(audience: str | None) -> str:
    """Return the audience.

    Raises:
        UsageError: there is none.
    """
    if not audience:
        raise UsageError(
            "A service account's ID token is for somebody, and the audience is missing.",
            next_step="Name who is to accept it: --audience URL (of a Cloud Run service, its own).",
        )
    return audience
