"""The authorization request and its answer (RFC 6749 section 4.1, RFC 7636, RFC 9207, OIDC).

Clients write `AuthorizationRequest.to_url` and read `AuthorizationResponse.from_url`;
`emulator/authserver/authorize.py` does the reverse.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from gemauth.oauth.scope import join, split

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["AuthorizationRequest", "AuthorizationResponse"]


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A request to the authorization endpoint; an absent parameter is None.

    `scopes` travels as `scope`; `more` keeps parameters that this message has no field for.
    """

    client_id: str | None = None
    redirect_uri: str | None = None
    response_type: str | None = "code"
    scopes: tuple[str, ...] = ()
    state: str | None = field(default=None, repr=False)
    code_challenge: str | None = None
    code_challenge_method: str | None = None
    access_type: str | None = None
    prompt: str | None = None
    login_hint: str | None = None
    include_granted_scopes: str | None = None
    enable_granular_consent: str | None = None
    nonce: str | None = field(default=None, repr=False)
    hd: str | None = None
    response_mode: str | None = None
    more: Mapping[str, str] = field(default_factory=dict)

    def to_url(self, endpoint: str) -> str:
        """Return the endpoint's URL with this request in its query; its own query is kept."""
        query = {name: value for name in _PARAMETERS if (value := getattr(self, name)) is not None}
        if self.scopes:
            query["scope"] = join(self.scopes)
        return _with_query(endpoint, {**query, **self.more})

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> AuthorizationRequest:
        """Return the request that decoded parameters (query or form) make."""
        known = {name: query.get(name) for name in _PARAMETERS}
        more = {k: v for k, v in query.items() if k not in _PARAMETERS and k != "scope"}
        return cls(scopes=split(query.get("scope", "")), more=more, **known)


_PARAMETERS = tuple(
    f.name for f in fields(AuthorizationRequest) if f.name not in {"scopes", "more"}
)


@dataclass(frozen=True, slots=True)
class AuthorizationResponse:
    """The redirect back: a code, or an error (RFC 6749 sections 4.1.2 and 4.1.2.1)."""

    code: str | None = field(default=None, repr=False)
    state: str | None = field(default=None, repr=False)
    error: str | None = None
    error_description: str | None = None
    iss: str | None = None
    scopes: tuple[str, ...] = ()
    more: Mapping[str, str] = field(default_factory=dict, repr=False)

    def to_url(self, redirect_uri: str) -> str:
        """Return the redirect URI with this answer in its query."""
        query = {name: value for name in _ANSWERS if (value := getattr(self, name)) is not None}
        if self.scopes:
            query["scope"] = join(self.scopes)
        return _with_query(redirect_uri, {**query, **self.more})

    @classmethod
    def from_url(cls, url: str) -> AuthorizationResponse:
        """Return the answer in a redirect URL's query."""
        query = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
        known = {name: query.get(name) for name in _ANSWERS}
        more = {k: v for k, v in query.items() if k not in _ANSWERS and k != "scope"}
        return cls(scopes=split(query.get("scope", "")), more=more, **known)


_ANSWERS = ("code", "state", "error", "error_description", "iss")


def _with_query(url: str, query: Mapping[str, str]) -> str:
    parts = urlsplit(url)
    merged = "&".join(filter(None, (parts.query, urlencode(query))))
    return urlunsplit((parts.scheme, parts.netloc, parts.path, merged, parts.fragment))
