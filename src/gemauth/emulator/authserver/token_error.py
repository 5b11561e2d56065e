"""The token endpoint's refusals as data: one row each, texts as Google words them.

Source: google-oauth.md 2.1, "Error table"; a row marked *ours* stands where the reference knows
none. Raised by `token.py`, `client.py` and `grants/`; written by `token.py`.
"""

from __future__ import annotations

from enum import Enum

from gemauth.errors import RefusedError
from gemauth.oauth.error import ErrorBody

__all__ = ["Row", "TokenRefused"]

_TIMES = (
    "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. "
    "Check your iat and exp values in the JWT claim."
)
_NO_DELEGATION = (
    "Client is unauthorized to retrieve access tokens using this method, or client not authorized "
    "for any of the scopes requested."
)
_BAD = "Bad Request"


class Row(Enum):
    """Grant, HTTP status, `error`, `error_description`; a name in braces is filled in."""

    # any grant
    MISSING_GRANT_TYPE = ("any", 400, "invalid_request", "Missing required parameter: grant_type")
    UNKNOWN_GRANT_TYPE = ("any", 400, "unsupported_grant_type", "Invalid grant_type: {name}")
    # ours: RFC 6749 section 5.2 refuses what is sent twice
    REPEATED_PARAMETER = (
        "any",
        400,
        "invalid_request",
        "OAuth 2 parameters can only have a single value: {name}",
    )
    NO_CLIENT_ID = ("any", 400, "invalid_request", "Could not determine client ID from request.")
    BROKEN_BASIC = ("any", 400, "invalid_request", _BAD)
    NO_CLIENT_SECRET = ("any", 400, "invalid_request", "client_secret is missing.")
    UNKNOWN_CLIENT = ("any", 401, "invalid_client", "The OAuth client was not found.")
    WRONG_SECRET = ("any", 401, "invalid_client", "Unauthorized")
    DELETED_CLIENT = ("any", 401, "deleted_client", "The OAuth client was deleted.")
    # section 1.3 has it for the authorization endpoint
    DISABLED_CLIENT = ("any", 401, "disabled_client", "The OAuth client was disabled.")
    # authorization_code
    MISSING_REDIRECT_URI = ("code", 400, "invalid_request", "Missing parameter: redirect_uri")
    MISSING_CODE = ("code", 400, "invalid_request", "Missing required parameter: code")
    MALFORMED_CODE = ("code", 400, "invalid_grant", "Malformed auth code.")
    MISSING_VERIFIER = ("code", 400, "invalid_grant", "Missing code verifier.")
    WRONG_VERIFIER = ("code", 400, "invalid_grant", "Invalid code verifier.")
    CODE_NOT_LIVE = ("code", 400, "invalid_grant", _BAD)
    REDIRECT_URI_MISMATCH = ("code", 400, "redirect_uri_mismatch", _BAD)
    # refresh_token
    MISSING_REFRESH_TOKEN = (
        "refresh",
        400,
        "invalid_request",
        "Missing required parameter: refresh_token",
    )
    MALFORMED_REFRESH_TOKEN = ("refresh", 400, "invalid_grant", _BAD)
    REFRESH_TOKEN_ENDED = ("refresh", 400, "invalid_grant", "Token has been expired or revoked.")
    OTHER_CLIENTS_REFRESH_TOKEN = ("refresh", 401, "unauthorized_client", "Unauthorized")
    SCOPE_NOT_GRANTED = ("refresh", 400, "invalid_scope", _BAD)
    ACCOUNT_DELETED = ("refresh", 400, "invalid_grant", "Account has been deleted")
    # jwt-bearer
    MISSING_ASSERTION = ("jwt", 400, "invalid_request", "Missing required parameter: assertion")
    MALFORMED_ASSERTION = ("jwt", 400, "invalid_grant", _BAD)  # ours
    JWT_SIGNATURE = ("jwt", 400, "invalid_grant", "Invalid JWT Signature.")
    JWT_AUDIENCE = ("jwt", 400, "invalid_grant", "Invalid JWT: Failed audience check.")
    JWT_TIMES = ("jwt", 400, "invalid_grant", _TIMES)
    JWT_ACCOUNT = ("jwt", 400, "invalid_grant", "Invalid grant: account not found")
    JWT_NOT_AN_ID = ("jwt", 400, "invalid_grant", "Not a valid email or user ID.")
    JWT_DISABLED = ("jwt", 400, "invalid_grant", "Robot is disabled.")
    JWT_SCOPE = (
        "jwt",
        400,
        "invalid_scope",
        "Invalid OAuth scope or ID token audience provided.",
    )
    JWT_NO_DELEGATION = ("jwt", 401, "unauthorized_client", _NO_DELEGATION)

    @property
    def http(self) -> int:
        """The HTTP status."""
        return self.value[1]

    def body(self, name: str = "") -> ErrorBody:
        """Return the error's body; `name` fills the braces."""
        return ErrorBody(self.value[2], self.value[3].replace("{name}", name))


class TokenRefused(RefusedError):  # noqa: N818  # an answer on its way, not a failure
    """The token endpoint's answer to a request that gets no token."""

    def __init__(self, row: Row, *, name: str = "") -> None:
        self.row = row
        self.body = row.body(name)
        super().__init__(f"{self.body.error}: {self.body.description}")
