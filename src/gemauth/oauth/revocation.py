"""The revocation request (RFC 7009 section 2.1): the token is in the body, never in the URL."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["RevocationRequest"]


@dataclass(frozen=True, slots=True)
class RevocationRequest:
    """Asks a server to end a token."""

    token: str | None = field(repr=False)

    def to_form(self) -> dict[str, str]:
        """Return the form's fields."""
        return {} if self.token is None else {"token": self.token}

    @classmethod
    def from_form(cls, form: Mapping[str, str]) -> RevocationRequest:
        """Return the request of a form; a missing token is None."""
        return cls(form.get("token"))
