"""The token endpoint's messages (RFC 6749 sections 4.1.3, 5.1 and 6; RFC 7523 section 2.1).

Clients write the grants and read `TokenResponse`; `emulator/authserver/token.py` and its
grants do the reverse. Client authentication travels beside a grant: `client_authentication.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from gemauth.errors import Fault, UnreachableError
from gemauth.oauth.scope import join, split

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["AuthorizationCodeGrant", "JwtBearerGrant", "RefreshTokenGrant", "TokenResponse"]


@dataclass(frozen=True, slots=True)
class AuthorizationCodeGrant:
    """A code for tokens (RFC 6749 section 4.1.3, with RFC 7636 section 4.5)."""

    grant_type: ClassVar[str] = "authorization_code"

    code: str | None = field(repr=False)
    redirect_uri: str | None
    code_verifier: str | None = field(default=None, repr=False)

    def to_form(self) -> dict[str, str]:
        """Return the form's fields."""
        return _present(
            grant_type=self.grant_type,
            code=self.code,
            redirect_uri=self.redirect_uri,
            code_verifier=self.code_verifier,
        )

    @classmethod
    def from_form(cls, form: Mapping[str, str]) -> AuthorizationCodeGrant:
        """Return the grant of a form; what is missing is None."""
        return cls(form.get("code"), form.get("redirect_uri"), form.get("code_verifier"))


@dataclass(frozen=True, slots=True)
class RefreshTokenGrant:
    """A refresh token for a new access token (RFC 6749 section 6)."""

    grant_type: ClassVar[str] = "refresh_token"

    refresh_token: str | None = field(repr=False)
    scopes: tuple[str, ...] = ()

    def to_form(self) -> dict[str, str]:
        """Return the form's fields."""
        return _present(
            grant_type=self.grant_type,
            refresh_token=self.refresh_token,
            scope=join(self.scopes) or None,
        )

    @classmethod
    def from_form(cls, form: Mapping[str, str]) -> RefreshTokenGrant:
        """Return the grant of a form; what is missing is None."""
        return cls(form.get("refresh_token"), split(form.get("scope", "")))


@dataclass(frozen=True, slots=True)
class JwtBearerGrant:
    """A signed assertion for an access or id token (RFC 7523 section 2.1)."""

    grant_type: ClassVar[str] = "urn:ietf:params:oauth:grant-type:jwt-bearer"

    assertion: str | None = field(repr=False)

    def to_form(self) -> dict[str, str]:
        """Return the form's fields."""
        return _present(grant_type=self.grant_type, assertion=self.assertion)

    @classmethod
    def from_form(cls, form: Mapping[str, str]) -> JwtBearerGrant:
        """Return the grant of a form; what is missing is None."""
        return cls(form.get("assertion"))


@dataclass(frozen=True, slots=True)
class TokenResponse:
    """A successful answer (RFC 6749 section 5.1).

    `expires_in` and `refresh_token_expires_in` are seconds from now; the latter is Google's
    addition. An answer to a request for an id token alone has no access token.
    """

    access_token: str | None = field(default=None, repr=False)
    expires_in: int | None = None
    refresh_token: str | None = field(default=None, repr=False)
    scopes: tuple[str, ...] = ()
    id_token: str | None = field(default=None, repr=False)
    refresh_token_expires_in: int | None = None
    token_type: str = "Bearer"  # noqa: S105  # the scheme's name

    def to_json(self) -> dict[str, Any]:
        """Return the answer's object, absent members left out."""
        return _present(
            access_token=self.access_token,
            expires_in=self.expires_in,
            refresh_token=self.refresh_token,
            scope=join(self.scopes) or None,
            token_type=self.token_type if self.access_token is not None else None,
            id_token=self.id_token,
            refresh_token_expires_in=self.refresh_token_expires_in,
        )

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> TokenResponse:
        """Return the answer that an object holds; `expires_in` may be a string.

        Raises:
            UnreachableError: it holds neither an access token nor an id token, or a member of
                the wrong type; the body is not repeated, since it may hold tokens.
        """
        texts = {name: body.get(name) for name in ("access_token", "refresh_token", "id_token")}
        scope = body.get("scope", "")
        if any(
            value is not None and not isinstance(value, str) for value in (*texts.values(), scope)
        ):
            raise _malformed("a member that should be a string is none")
        if texts["access_token"] is None and texts["id_token"] is None:
            raise _malformed("there is no access_token")
        return cls(
            **texts,
            expires_in=_seconds(body, "expires_in"),
            refresh_token_expires_in=_seconds(body, "refresh_token_expires_in"),
            scopes=split(scope or ""),
            token_type=str(body.get("token_type", "Bearer")),
        )


def _present(**members: Any) -> dict[str, Any]:  # noqa: ANN401  # JSON and form members
    return {name: value for name, value in members.items() if value is not None}


def _seconds(body: Mapping[str, Any], name: str) -> int | None:
    value = body.get(name)
    if value is None:
        return None
    try:
        return int(value)
    except (OverflowError, TypeError, ValueError):
        raise _malformed(f"{name} is not a number of seconds") from None


def _malformed(reason: str) -> UnreachableError:
    return UnreachableError(
        f"The token endpoint's answer is not one that RFC 6749 section 5.1 allows: {reason}.",
        fault=Fault.SERVER,
        next_step="Check that the token endpoint's address is right.",
    )
