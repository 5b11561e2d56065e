"""What all resources share: JSON both ways, by their fields.

Source: the messages of proto/gemini, which are dataclasses in the modules beside this one; a test
compares the fields with them. `from_json` takes what any server sends (unknown fields are dropped,
enums may be numbers); `to_json` leaves out what is unset, as the API does. A field without presence
has its zero as default, one with presence is `T | None`. Bytes are base64 in JSON, `dict[str, Any]`
is JSON as it is (google.protobuf.Struct). Times are the API's own text, such as
`2024-04-16T16:44:02.649978713Z`: a datetime would lose the nanoseconds.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass, fields
from enum import Enum
from types import UnionType
from typing import TYPE_CHECKING, Any, Self, get_args, get_origin, get_type_hints

from gemauth.errors import Fault, UnreachableError
from gemauth.google.gemini.field_names import camel_case
from gemauth.google.gemini.resources.reader import compiled

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Resource", "no_object"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A message of the API as a value."""

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Return the resource that a JSON object holds.

        Raises:
            UnreachableError: it is none, or a field holds what it never holds in this API.
        """
        reader = _READERS.get(cls)
        if reader is None:
            reader = _READERS[cls] = compiled(cls, _fields(cls), _read_field)
        try:
            made: Self = reader(value)
        except AttributeError:  # it has no `get`
            raise no_object(cls, value) from None
        return made

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object; unset fields, zeros without presence and empty lists are out."""
        written = {}
        for name, (json_name, kind) in _fields(type(self)).items():
            value = getattr(self, name)
            if value is not None and not (value in _ZEROS and _plain(kind)):
                written[json_name] = _write(kind, value)
        return written


# What proto3 leaves out of JSON for a field without presence.
_ZEROS: tuple[Any, ...] = ("", 0, (), b"")


def _plain(kind: Any) -> bool:  # noqa: ANN401  # a type
    """Whether a field of that type has no presence."""
    return get_origin(kind) is not UnionType


_FIELDS: dict[type[Resource], dict[str, tuple[str, Any]]] = {}
_READERS: dict[type[Resource], Callable[[Mapping[str, Any]], Any]] = {}


def _fields(cls: type[Resource]) -> dict[str, tuple[str, Any]]:
    """Return each field's JSON name and type, worked out once for each class."""
    found = _FIELDS.get(cls)
    if found is None:
        hints = get_type_hints(cls)
        found = {field.name: (camel_case(field.name), hints[field.name]) for field in fields(cls)}
        _FIELDS[cls] = found
    return found


def _read_field(cls: type[Resource], name: str, value: Any) -> Any:  # noqa: ANN401  # a JSON value
    json_name, kind = _fields(cls)[name]
    try:
        return _read(kind, value)
    except (AttributeError, KeyError, TypeError, ValueError):
        raise UnreachableError(
            f"The server answered a {cls.__name__} whose {json_name} makes no sense.",
            fault=Fault.SERVER,
            next_step="Check that the address is the Gemini API's.",
            evidence=repr(value)[:200],
        ) from None


def no_object(cls: type[Resource], value: object) -> UnreachableError:
    """Return the error for JSON in a resource's place that is no object."""
    return UnreachableError(
        f"The server answered a {cls.__name__} that is no JSON object.",
        fault=Fault.SERVER,
        next_step="Check that the address is the Gemini API's.",
        evidence=repr(value)[:200],
    )


def _read(kind: Any, value: Any) -> Any:  # noqa: ANN401, PLR0911  # a type and a JSON value; one return per kind
    if get_origin(kind) is UnionType:
        return _read(get_args(kind)[0], value)
    if get_origin(kind) is tuple:
        return tuple(_read(get_args(kind)[0], item) for item in value)
    if issubclass(kind, Resource):
        return kind.from_json({**value})  # what cannot be spread is told of by the field's name
    if issubclass(kind, Enum):
        return kind[value] if isinstance(value, str) else kind(value)
    if kind is bytes:
        return b64decode(value, altchars=b"-_" if {"-", "_"} & set(value) else None)
    if get_origin(kind) is dict:
        return dict(value)
    if kind in {str, bool} and not isinstance(value, kind):  # bool("false") is true
        raise TypeError
    return kind(value)


def _write(kind: Any, value: Any) -> Any:  # noqa: ANN401  # a type and a field's value
    if isinstance(value, tuple):
        # the only ints in lists are 64-bit, which JSON carries as text
        return [str(item) if type(item) is int else _write(kind, item) for item in value]
    if isinstance(value, Resource):
        return value.to_json()
    if isinstance(value, bytes):
        return b64encode(value).decode()
    return value.name if isinstance(value, Enum) else value
