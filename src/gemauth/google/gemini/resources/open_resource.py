"""A resource that keeps what it does not know: the parts of the API that grow every month.

What generation, files and caches hold is extended by Google faster than any client is released. An
answer that is read and sent back (a conversation's history) must lose nothing, so members without a
field are kept in `others` as the JSON they were, and enums are text.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Self

from msgspec import field
from msgspec.structs import fields, replace

from gemauth.google.gemini.resources.resource import Resource, no_object

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ZERO", "Int64", "OpenResource"]


class Int64(int):
    """A 64-bit number, which JSON carries as text (ProtoJSON)."""

    __slots__ = ()


ZERO = Int64(0)


class OpenResource(Resource, frozen=True, kw_only=True):
    """A message of the API as a value, open to members of tomorrow.

    Attributes:
        others: the JSON members that this class has no field for, by their JSON names.
    """

    others: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Return the resource that a JSON object holds, all of it; errors as `Resource`'s."""
        if not hasattr(value, "items"):
            raise no_object(cls, value)
        known = _names(cls)
        read = super().from_json({name: value[name] for name in value if name in known})
        others = {name: value[name] for name in value if name not in known}
        return replace(read, others=others) if others else read

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object, with what came along unknown."""
        written = super().to_json()
        written.pop("others", None)
        for name, value in written.items():
            if isinstance(value, Int64):
                written[name] = str(value)
        return {**self.others, **written}

    def __hash__(self) -> int:
        known = (getattr(self, name) for name in self.__struct_fields__ if name != "others")
        return hash((type(self), *known))


@cache  # as many as there are classes
def _names(cls: type[OpenResource]) -> frozenset[str]:
    """Return the JSON names that a class has fields for."""
    return frozenset(one.encode_name for one in fields(cls)) - {"others"}
