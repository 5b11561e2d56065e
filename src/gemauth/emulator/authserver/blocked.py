"""The pages that never redirect: every reason with Google's status and error name, as one table.

google-oauth.md section 1.3. The reader's text is in `pages/texts.py` (`blocked.<page>.…`); what a
developer reads (`detail`, `next_step`) is made by whoever finds the reason.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Blocked", "Reason", "request_details"]


class Reason(Enum):
    """Why a sign-in ends on a page."""

    PARAMETER_MISSING = auto()
    PARAMETER_REPEATED = auto()
    PARAMETER_INVALID = auto()
    OUT_OF_BAND = auto()
    PRIVATE_ADDRESS = auto()
    REDIRECT_CREDENTIALS = auto()
    REDIRECT_MISMATCH = auto()
    RESPONSE_TYPE = auto()
    SCOPE = auto()
    CLIENT_UNKNOWN = auto()
    CLIENT_DELETED = auto()
    CLIENT_DISABLED = auto()
    CLIENT_RESTRICTED = auto()
    NO_CONSENT_SCREEN = auto()
    NOT_A_TESTER = auto()
    OTHER_ORGANIZATION = auto()
    STALE = auto()

    @property
    def status(self) -> int:
        """The page's HTTP status."""
        return _TABLE[self].status

    @property
    def error(self) -> str:
        """Google's name of the error."""
        return _TABLE[self].error

    @property
    def page(self) -> str:
        """Which of the pages' texts tells it."""
        return _TABLE[self].page


@dataclass(frozen=True, slots=True)
class _Row:
    status: int
    error: str
    page: str


_TABLE = {
    Reason.PARAMETER_MISSING: _Row(400, "invalid_request", "request"),
    Reason.PARAMETER_REPEATED: _Row(400, "invalid_request", "request"),
    Reason.PARAMETER_INVALID: _Row(400, "invalid_request", "request"),
    Reason.OUT_OF_BAND: _Row(400, "invalid_request", "request"),
    Reason.PRIVATE_ADDRESS: _Row(400, "invalid_request", "request"),
    Reason.REDIRECT_CREDENTIALS: _Row(400, "invalid_request", "request"),
    Reason.REDIRECT_MISMATCH: _Row(400, "redirect_uri_mismatch", "request"),
    Reason.RESPONSE_TYPE: _Row(400, "unsupported_response_type", "request"),
    Reason.SCOPE: _Row(400, "invalid_scope", "request"),
    Reason.CLIENT_UNKNOWN: _Row(401, "invalid_client", "client"),
    Reason.CLIENT_DELETED: _Row(401, "deleted_client", "client"),
    Reason.CLIENT_DISABLED: _Row(401, "disabled_client", "client"),
    Reason.CLIENT_RESTRICTED: _Row(403, "restricted_client", "restricted"),
    # Google makes no client before the consent screen exists, so it has no page for this.
    Reason.NO_CONSENT_SCREEN: _Row(400, "invalid_request", "request"),
    Reason.NOT_A_TESTER: _Row(403, "access_denied", "tester"),
    Reason.OTHER_ORGANIZATION: _Row(403, "org_internal", "organization"),
    # The emulator's own: the sign-in is over, or the form does not come from its page.
    Reason.STALE: _Row(400, "invalid_request", "stale"),
}


@dataclass(frozen=True, slots=True)
class Blocked:
    """A sign-in that ends on a page.

    Attributes:
        reason: why.
        detail: one or two sentences for the developer.
        next_step: a command or a change that cures it; None where none does.
        parameters: the request's, as far as they were read.
        app: the app's name, once the client is known.
        developer: the app's support address, likewise.
        account: the e-mail address that was chosen, where that is the reason.
    """

    reason: Reason
    detail: str
    next_step: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict, repr=False)
    app: str | None = None
    developer: str | None = None
    account: str | None = None


# What Google's "Request details" lists, in its order. No secret is among them.
_LISTED = ("access_type", "scope", "response_type", "redirect_uri", "state", "prompt")


def request_details(parameters: Mapping[str, str]) -> list[str]:
    """Return the `name=value` lines of "Request details" for a request's parameters."""
    lines = [f"{name}={parameters[name]}" for name in _LISTED if name in parameters]
    lines.append("flowName=GeneralOAuthFlow")
    if "client_id" in parameters:
        lines.append(f"client_id={parameters['client_id']}")
    return lines
