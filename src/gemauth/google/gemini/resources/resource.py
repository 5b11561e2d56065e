"""What all resources share: JSON both ways, by their fields.

Source: the messages of proto/gemini, which are classes in the modules beside this one; a test
compares the fields with them. `from_json` takes what any server sends (unknown fields are dropped);
`to_json` leaves out what is unset, as the API does. A field without presence has its zero as
default, one with presence is `T | None`. Bytes are base64 in JSON, enums names (or numbers),
`dict[str, Any]` is JSON as it is (google.protobuf.Struct). Times are the API's own text, such as
`2024-04-16T16:44:02.649978713Z`: a datetime would lose the nanoseconds.

They are msgspec's Structs, which C code makes (docs/decisions/0027): frozen, equal by value, keys
where all they hold are, copied with changes by `msgspec.structs.replace`. `reader.py` reads those
whose fields are plain straight from an answer's bytes.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from enum import StrEnum
from functools import cache
from types import UnionType
from typing import TYPE_CHECKING, Any, Self, get_args, get_origin

from msgspec import Struct
from msgspec.structs import fields

from gemauth.errors import Fault, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Enumeration", "Resource", "no_object"]


class Enumeration(StrEnum):
    """An enum of the API: each member is its name, as JSON has it, and knows the wire's number.

    ACTIVE = "ACTIVE", 2
    """

    number: int

    def __new__(cls, name: str, number: int = 0) -> Self:
        """Make a member; a call with a name alone finds one, as of every enum."""
        member = str.__new__(cls, name)
        member._value_ = name
        member.number = number
        return member

    @classmethod
    def of(cls, value: object) -> Self:
        """Return the member of a name or of a number, since ProtoJSON has both.

        Raises:
            ValueError: there is none.
        """
        for member in cls:
            if value == (member.number if type(value) is int else member.value):
                return member
        raise ValueError(value)


# Values that hold values make no circles: the garbage collector need not look (gc=False).
class Resource(Struct, frozen=True, kw_only=True, rename="camel", gc=False):
    """A message of the API as a value; who derives from it says frozen and kw_only again."""

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Return the resource that a JSON object holds.

        Raises:
            UnreachableError: it is none, or a field holds what it never holds in this API.
        """
        try:
            get = value.get
        except AttributeError:
            raise no_object(cls, value) from None
        held = {}
        for name, json_name, kind in _members(cls):
            member = get(json_name)
            if member is not None:
                held[name] = _member(cls, json_name, kind, member)
        return cls(**held)

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object; unset fields, zeros without presence and empty lists are out."""
        unset = _unset(type(self))
        return {
            json_name: _write(kind, value)
            for name, json_name, kind in _members(type(self))
            if (value := getattr(self, name)) is not None and value != unset[name]
        }


@cache  # as many as there are classes
def _members(cls: type[Resource]) -> tuple[tuple[str, str, Any], ...]:
    """Return each field's name, its name in JSON, and its type where it is set."""
    return tuple((one.name, one.encode_name, _set(one.type)) for one in fields(cls))


@cache
def _unset(cls: type[Resource]) -> dict[str, Any]:
    """Return what each field holds that is left out: its zero, or None where it has presence."""
    nothing = cls()
    return {name: getattr(nothing, name) for name, _, _ in _members(cls)}


def _set(kind: Any) -> Any:  # noqa: ANN401  # a type
    return get_args(kind)[0] if get_origin(kind) is UnionType else kind


def _member(cls: type[Resource], json_name: str, kind: Any, value: Any) -> Any:  # noqa: ANN401  # a type and a JSON value
    if type(value) is kind:
        return value
    try:
        return _read(kind, value)
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError):
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


def _read(kind: Any, value: Any) -> Any:  # noqa: ANN401  # a type and a JSON value
    if get_origin(kind) is tuple:
        if not isinstance(value, list | tuple):  # a text's letters are no list
            raise TypeError
        return tuple(_read(get_args(kind)[0], item) for item in value)
    if get_origin(kind) is dict:
        return dict(value)
    if issubclass(kind, Resource):
        return kind.from_json({**value})  # what cannot be spread is told of by the field's name
    if issubclass(kind, Enumeration):
        return kind.of(value)
    if kind is bytes:
        return b64decode(value, altchars=b"-_" if {"-", "_"} & set(value) else None)
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
    return value.value if isinstance(value, Enumeration) else value
