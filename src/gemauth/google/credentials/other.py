"""A credential file that gemauth keeps whole, since it does not take it apart."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["OtherCredentials"]


@dataclass(frozen=True, slots=True)
class OtherCredentials:
    """A credential file of a known type that gemauth does not take apart."""

    type: str
    body: Mapping[str, Any] = field(repr=False)

    def to_json(self) -> dict[str, Any]:
        """Return the file's object, unchanged."""
        return dict(self.body)
