"""Token exchange: a token of one kind or issuer for one of another (RFC 8693).

`options` is Google's addition (google-oauth.md 5.3), JSON as text. Google's endpoint takes the
request as a form or as JSON with the names in camelCase. Read by
`emulator/authserver/token_exchange.py`; of the clients, google-auth writes it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, ClassVar

from gemauth.oauth.scope import join, split

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "ACCESS_TOKEN",
    "ID_TOKEN",
    "JWT",
    "TokenExchange",
    "TokenExchangeResponse",
]

_TYPE = "urn:ietf:params:oauth:token-type:"
ACCESS_TOKEN = f"{_TYPE}access_token"
ID_TOKEN = f"{_TYPE}id_token"
JWT = f"{_TYPE}jwt"


@dataclass(frozen=True, slots=True)
class TokenExchange:
    """A request (section 2.1); what is missing is None."""

    GRANT_TYPE: ClassVar[str] = "urn:ietf:params:oauth:grant-type:token-exchange"

    subject_token: str | None = field(repr=False)
    subject_token_type: str | None
    audience: str | None = None
    requested_token_type: str | None = None
    scopes: tuple[str, ...] = ()
    actor_token: str | None = field(default=None, repr=False)
    actor_token_type: str | None = None
    options: str | None = None
    grant_type: str | None = GRANT_TYPE

    def to_form(self) -> dict[str, str]:
        """Return the form's fields."""
        members = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "scopes"}
        members["scope"] = join(self.scopes) or None
        return {name: value for name, value in members.items() if value is not None}

    @classmethod
    def from_form(cls, form: Mapping[str, str]) -> TokenExchange:
        """Return the request of a form."""
        members = {f.name: form.get(f.name) for f in fields(cls) if f.name != "scopes"}
        return cls(scopes=split(form.get("scope", "")), **members)

    def to_json(self) -> dict[str, str]:
        """Return the same as a JSON object."""
        return {_camel(name): value for name, value in self.to_form().items()}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> TokenExchange:
        """Return the request of a JSON object, whose names may also be those of the form.

        Raises:
            ValueError: a member is no text; its name is the message.
        """
        form: dict[str, str] = {}
        for name in (*(f.name for f in fields(cls) if f.name != "scopes"), "scope"):
            value = body.get(_camel(name), body.get(name))
            if value is not None and not isinstance(value, str):
                raise ValueError(name)
            if value:
                form[name] = value
        return cls.from_form(form)


@dataclass(frozen=True, slots=True)
class TokenExchangeResponse:
    """The answer (section 2.2.1); `expires_in` is seconds from now."""

    access_token: str = field(repr=False)
    expires_in: int | None
    issued_token_type: str = ACCESS_TOKEN
    token_type: str = "Bearer"  # noqa: S105  # the scheme's name

    def to_json(self) -> dict[str, Any]:
        """Return the answer's object."""
        members = {f.name: getattr(self, f.name) for f in fields(self)}
        return {name: value for name, value in members.items() if value is not None}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> TokenExchangeResponse:
        """Return the answer that an object holds.

        Raises:
            ValueError: there is no access token, or a member is of the wrong type.
        """
        token, seconds = body.get("access_token"), body.get("expires_in")
        if not isinstance(token, str) or not token:
            raise ValueError("access_token")
        if seconds is not None and (isinstance(seconds, bool) or not isinstance(seconds, int)):
            raise ValueError("expires_in")
        return cls(
            token,
            seconds,
            str(body.get("issued_token_type", ACCESS_TOKEN)),
            str(body.get("token_type", "Bearer")),
        )


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)
