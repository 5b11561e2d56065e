"""Reading JSON values and query parameters into messages, gathering all that does not fit.

protobuf's own json_format stops at the first error and words it its own way; Google's frontend
names every one. Unknown names, lists on single fields, map paths, wrong types of strings, a root
that is no object and messages as query parameters are worded as in answers that people posted
(gemini-api.md section 10, row 20; issues of Zed, gemini-cli, Google Wallet and Gmail clients).
The wordings for other types, oneofs, times, depth and unknown query parameters follow their
pattern and were not seen. The mapping and the transcoding read with it. Conversions follow the
ProtoJSON specification.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from gemauth.google.gemini.field_names import snake_case
from gemauth.google.gemini.scalars import JsonValue, enum_number, scalar
from gemauth.google.invalid import InvalidRequestError, Violation

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor, FieldDescriptor
    from google.protobuf.descriptor_pool import DescriptorPool

    from gemauth.google.gemini.schema import ApiMessage

__all__ = ["MessageReader", "find_field"]

_UNKNOWN = "Invalid JSON payload received. Unknown name"
_MAX_DEPTH = 100  # protobuf's own limit, in every language
_SHOWN = 200  # characters of a refused value that the text repeats

# Messages whose JSON is one string, and those whose JSON is whatever the caller likes.
_TEXTUAL = {
    "google.protobuf.Timestamp": "Invalid time format: {}",
    "google.protobuf.Duration": "Illegal duration format; duration must end with 's'",
    "google.protobuf.FieldMask": "Invalid field mask: {}",
}
_FREE = {
    "google.protobuf.Any",
    "google.protobuf.ListValue",
    "google.protobuf.Struct",
    "google.protobuf.Value",
}
_TAKES_LISTS = {"google.protobuf.ListValue", "google.protobuf.Value"}
_TAKES_NULL = "google.protobuf.Value"


class MessageReader:
    """Reads into messages of one pool; `finish` raises once for everything that was wrong."""

    def __init__(self, pool: DescriptorPool) -> None:
        self._pool = pool
        self._violations: list[Violation] = []

    def finish(self) -> None:
        """Raise what was gathered.

        Raises:
            InvalidRequestError: something did not fit.
        """
        if self._violations:
            raise InvalidRequestError.of(self._violations)

    def read(self, value: JsonValue, message: ApiMessage, path: str = "") -> None:
        """Read a body into a message; `path` is where the message stands in the request."""
        if isinstance(value, dict):
            self._object(value, message, path, depth=0)
        else:
            self._violate(None, f'{_UNKNOWN} "": Root element must be a message.')

    def read_parameter(self, name: str, text: str, message: ApiMessage) -> None:
        """Read one query parameter (`pageSize`, `permission.role`) into a request message."""
        target, path = message, ""
        *parents, leaf = name.split(".")
        for parent in parents:
            field = find_field(target.DESCRIPTOR, parent)
            if field is None or not field.message_type or _repeated(field):
                return self._unbindable(
                    name, f"Field '{name}' could not be found in request message."
                )
            target, path = getattr(target, field.name), _join(path, field.name)
        field = find_field(target.DESCRIPTOR, leaf)
        if field is None:
            return self._unbindable(name, f"Field '{name}' could not be found in request message.")
        if field.message_type and field.message_type.full_name not in _TEXTUAL:
            return self._unbindable(
                name,
                f"'{name}' is a message type. Parameters can only be bound to primitive types.",
            )
        return self._value(text, field, target, _join(path, field.name), depth=0)

    def _object(
        self, value: dict[str, JsonValue], message: ApiMessage, path: str, depth: int
    ) -> None:
        if depth > _MAX_DEPTH:
            text = f"Message too deep. Max recursion depth reached for '{path}'"
            return self._violate(path, text)
        set_oneofs: dict[str, str] = {}
        for name, item in value.items():
            field = find_field(message.DESCRIPTOR, name)
            if field is None:
                self._unknown(name, path, "Cannot find field.")
                continue
            kind = field.message_type.full_name if field.message_type else ""
            if item is None and (kind != _TAKES_NULL or _repeated(field)):
                continue
            oneof = _oneof(field)
            if oneof and set_oneofs.setdefault(oneof, field.name) != field.name:
                text = f"oneof field '{oneof}' is already set. Cannot set '{name}'"
                self._bad_value(path, "oneof", text)
                continue
            at = _join(path, field.name)
            if _is_map(field):
                self._map(item, field, message, at, depth)
            elif _repeated(field):
                # Google takes one value for a list of one: its own samples send "parts": {…}.
                for i, element in enumerate(item if isinstance(item, list) else [item]):
                    self._value(element, field, message, f"{at}[{i}]", depth)
            elif isinstance(item, list) and kind not in _TAKES_LISTS:
                self._unknown(name, path, "Proto field is not repeating, cannot start list.")
            else:
                self._value(item, field, message, at, depth)
        return None

    def _map(
        self,
        value: JsonValue,
        field: FieldDescriptor,
        message: ApiMessage,
        path: str,
        depth: int,
    ) -> None:
        """Read a map; every map of the contract goes from strings to messages."""
        if not isinstance(value, dict):
            return self._bad_value(path, "map", _shown(value))
        entries = getattr(message, field.name)
        for i, (key, item) in enumerate(value.items()):
            at = f"{path}[{i}].value"
            if isinstance(item, dict):
                self._object(item, entries[key], at, depth + 1)
            else:
                kind = entries.GetEntryClass().DESCRIPTOR.fields_by_name["value"].message_type
                self._bad_value(at, _type(kind.full_name), _shown(item))
        return None

    def _value(
        self,
        item: JsonValue,
        field: FieldDescriptor,
        message: ApiMessage,
        path: str,
        depth: int,
    ) -> None:
        """Read one value: a singular field's, or one element of a repeated field."""
        if field.message_type:
            target = getattr(message, field.name)
            if _repeated(field):
                target = target.add()
            else:
                target.SetInParent()
            return self._message(item, field, target, path, depth)
        try:
            enum = field.enum_type
            value = enum_number(enum, item) if enum else scalar(field.type, item)
        except ValueError as error:
            kind = _type(enum.full_name) if enum else _scalar_type(field)
            return self._bad_value(path, kind, str(error) or _shown(item))
        if _repeated(field):
            getattr(message, field.name).append(value)
        else:
            setattr(message, field.name, value)
        return None

    def _message(
        self,
        item: JsonValue,
        field: FieldDescriptor,
        target: ApiMessage,
        path: str,
        depth: int,
    ) -> None:
        kind = target.DESCRIPTOR.full_name
        if kind in _TEXTUAL:
            if not isinstance(item, str):
                return self._bad_value(path, _type(kind), _shown(item))
            try:
                _read_text(item, target)
            except ValueError:
                reason = _TEXTUAL[kind].format(item[:_SHOWN])
                return self._bad_value(path, _type(kind), f"Field '{field.json_name}', {reason}")
        elif kind in _FREE:
            from google.protobuf import json_format

            try:
                json_format.ParseDict(item, target, descriptor_pool=self._pool)
            except (json_format.ParseError, ValueError, TypeError, OverflowError):
                return self._bad_value(path, _type(kind), _shown(item))
        elif isinstance(item, dict):
            self._object(item, target, path, depth + 1)
        else:
            return self._bad_value(path, _type(kind), _shown(item))
        return None

    def _unknown(self, name: str, path: str, reason: str) -> None:
        at = f" at '{path}'" if path else ""
        self._violate(path or None, f'{_UNKNOWN} "{name}"{at}: {reason}')

    def _unbindable(self, name: str, reason: str) -> None:
        self._violate(None, f'{_UNKNOWN} "{name}": Cannot bind query parameter. {reason}')

    def _bad_value(self, path: str, kind: str, shown: str) -> None:
        at = f" at '{path}'" if path else ""
        self._violate(path or None, f"Invalid value{at} ({kind}), {shown}")

    def _violate(self, field: str | None, description: str) -> None:
        self._violations.append(Violation(field, description))


def find_field(descriptor: Descriptor, name: str) -> FieldDescriptor | None:
    """Return the field that a camelCase or snake_case name means, or None."""
    found = descriptor.fields_by_name.get(name)
    return found or descriptor.fields_by_camelcase_name.get(name)


def _read_text(text: str, target: ApiMessage) -> None:
    """Read a Timestamp, Duration or FieldMask.

    Raises:
        ValueError: it is none.
    """
    if target.DESCRIPTOR.name == "FieldMask":
        # not FromJsonString: masks come in snake_case too (gemini-api.md section 12)
        target.paths.extend(snake_case(path.strip()) for path in text.split(",") if path.strip())
    else:
        target.FromJsonString(text)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _repeated(field: FieldDescriptor) -> bool:
    # `label` is deprecated where `is_repeated` exists, and alone in protobuf 5
    return field.is_repeated if hasattr(field, "is_repeated") else getattr(field, "label", 0) == 3


def _is_map(field: FieldDescriptor) -> bool:
    kind = field.message_type
    return kind is not None and kind.GetOptions().map_entry


def _oneof(field: FieldDescriptor) -> str:
    """Return the name of a field's oneof, empty for none and for `optional`'s hidden one."""
    oneof = field.containing_oneof
    return "" if oneof is None or oneof.name == f"_{field.name}" else oneof.name


def _type(full_name: str) -> str:
    return f"type.googleapis.com/{full_name}"


def _scalar_type(field: FieldDescriptor) -> str:
    names = {1: "DOUBLE", 2: "FLOAT", 3: "INT64", 5: "INT32", 8: "BOOL", 9: "STRING", 12: "BYTES"}
    return f"TYPE_{names[field.type]}"


def _shown(value: JsonValue) -> str:
    if isinstance(value, dict | list):
        return f"Starting {'an object' if isinstance(value, dict) else 'a list'} on a scalar field"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
