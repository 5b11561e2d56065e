"""System parameters: the query parameters that belong to Google's frontend and not to a method.

Source: gemini-api.md section 1 (the API's discovery document) and section 2 for credentials. The
emulator splits them off before it reads a request; GAPIC clients send `$alt`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["SystemParameters", "split"]

_NAMES = {
    "key": "key",
    "access_token": "access_token",
    "oauth_token": "oauth_token",
    "alt": "alt",
    "$alt": "alt",
    "fields": "fields",
    "$fields": "fields",
    "prettyPrint": "pretty_print",
    "$prettyPrint": "pretty_print",
    "quotaUser": "quota_user",
    "$userProject": "user_project",
    "callback": "callback",
    "$callback": "callback",
    "uploadType": "upload_type",
    "upload_protocol": "upload_protocol",
    "$.xgafv": "error_format",
}


@dataclass(frozen=True, slots=True)
class SystemParameters:
    """What a query says to the frontend; an absent parameter is an empty string.

    `repr` leaves out the three that are credentials.
    """

    key: str = field(default="", repr=False)
    access_token: str = field(default="", repr=False)
    oauth_token: str = field(default="", repr=False)
    alt: str = ""
    fields: str = ""
    pretty_print: str = ""
    quota_user: str = ""
    user_project: str = ""
    callback: str = ""
    upload_type: str = ""
    upload_protocol: str = ""
    error_format: str = ""

    @property
    def form(self) -> str:
        """The answer's form that `alt` names, such as `json` or `sse`; empty for the default."""
        return self.alt.partition(";")[0]

    @property
    def enums_as_ints(self) -> bool:
        """Whether `$alt=json;enum-encoding=int` was sent, as GAPIC's REST transports do."""
        return "enum-encoding=int" in self.alt.split(";")

    @property
    def pretty(self) -> bool:
        """Whether JSON is indented: yes, unless `prettyPrint=false`."""
        return self.pretty_print.lower() not in {"false", "0"}


def split(
    query: str | Iterable[tuple[str, str]],
) -> tuple[SystemParameters, tuple[tuple[str, str], ...]]:
    """Return the system parameters of a query and the pairs that remain for the method.

    Args:
        query: the query string, percent-encoded as on the wire, or its decoded pairs.
    """
    if isinstance(query, str):
        query = parse_qsl(query, keep_blank_values=True)
    system: dict[str, str] = {}
    rest = []
    for name, value in query:
        if name in _NAMES:
            system[_NAMES[name]] = value
        else:
            rest.append((name, value))
    return SystemParameters(**system), tuple(rest)
