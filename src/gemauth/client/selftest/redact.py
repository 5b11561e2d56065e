"""An answer's shape, fit to be sent to strangers: all keys, and only values that are Google's own.

A value stands as it is where its key is known to hold Google's words (error texts, reasons, names
of base models); e-mail addresses, numbers and whatever else is known of the person are masked in it
too. Of any other value only the type and the length are kept.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gemauth.http import Response

__all__ = ["Redactor"]

# A description is Google's in an error's links; elsewhere it may be a person's, of a tuned model.
_PLAIN = re.compile(
    r"(?x) (?:.*\.)? (?:"
    r" error | error_description | error_subtype | error_uri | status | reason | domain | @type"
    r" | service | method | message | links\.description | locale | scope | token_type"
    r" | access_type | issuer | \w+_endpoint | \w+_supported | jwks_uri | version | state"
    r" | permissions | supportedGenerationMethods | role | granteeType )"
)
_HEADERS = ("content-type", "cache-control", "pragma", "vary", "server", "www-authenticate")
_EMAIL = re.compile(r"[\w.+%-]+@[\w.-]+\w")
_NUMBER = re.compile(r"\d{5,}[\w-]*")
_SECRET = re.compile(r"ya29\.\S+|1//\S+|GOCSPX-\S+|eyJ[\w.-]+|AIza[\w-]+|tunedModels/[\w-]+")


class Redactor:
    """Masks what is known of a person, and what looks like anybody's.

    Args:
        known: texts that belong to the person: account, project, client id, secrets.
    """

    def __init__(self, known: Iterable[str | None]) -> None:
        # The longest first: one may be part of another.
        self._known = sorted({text for text in known if text}, key=len, reverse=True)

    def text(self, value: str) -> str:
        """Return a text with what may be personal masked."""
        for known in self._known:
            value = value.replace(known, "[yours]")
        for looks in (_SECRET, _EMAIL, _NUMBER):
            value = looks.sub("[masked]", value)
        return value

    def headers(self, answer: Response) -> dict[str, str]:
        """Return the values of harmless headers, and the names of all others."""
        return {
            name: self.text(value) if name in _HEADERS else f"<{len(value)} characters>"
            for name, value in sorted(answer.headers.items())
        }

    def shape(self, value: Any, key: str = "") -> Any:  # noqa: ANN401  # any JSON value
        """Return a JSON value with its personal parts replaced by their type and size.

        Args:
            value: it.
            key: the members that lead to it, joined by dots; a list's items have the list's.
        """
        if isinstance(value, dict):
            return {
                self.text(name): self.shape(item, f"{key}.{name}") for name, item in value.items()
            }
        if isinstance(value, list):
            words = all(isinstance(item, str) for item in value)
            shown = value if words else value[:3]  # of many things, three show the form
            kept = [self.shape(item, key) for item in shown]
            return kept + ([] if len(shown) == len(value) else [f"<{len(value) - 3} more>"])
        if isinstance(value, str):
            plain = _PLAIN.fullmatch(key) is not None
            return self.text(value) if plain else f"<{len(value)} characters>"
        if isinstance(value, float) or (isinstance(value, int) and abs(value) >= 100_000):
            return "<number>"
        return value
