"""Conversions of JSON values to protobuf's scalar and enum values (the ProtoJSON specification).

The reader calls them with a field and a JSON value (or a query parameter's text) and gets a value
that the field takes, or a ValueError whose text, where there is one, says more than the value.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
import struct
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from google.protobuf.descriptor import EnumDescriptor

__all__ = ["JsonValue", "enum_number", "scalar"]

JsonValue: TypeAlias = Any  # what json.loads returns

_INTEGER = re.compile(r"-?[0-9]{1,20}", re.ASCII)
_SPECIAL = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def enum_number(enum: EnumDescriptor, value: JsonValue) -> int:
    """Return the number of an enum value given by name or number.

    Raises:
        ValueError: the enum has no such value.
    """
    if isinstance(value, str) and value in enum.values_by_name:
        return enum.values_by_name[value].number
    number = _integer(value, bits=32)
    if number not in enum.values_by_number:
        raise ValueError
    return number


def scalar(kind: int, value: JsonValue) -> JsonValue:
    """Return a JSON value as what a field of a scalar type (FieldDescriptor.type) takes.

    Raises:
        ValueError: it is of another type or out of range.
    """
    return _CONVERSIONS[kind](value)


def _integer(value: JsonValue, bits: int) -> int:
    if (isinstance(value, str) and _INTEGER.fullmatch(value)) or (
        isinstance(value, float) and value.is_integer()
    ):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError  # noqa: TRY004  # one kind of error for all that does not fit
    if not -(1 << bits - 1) <= value < 1 << bits - 1:
        raise ValueError
    return value


def _number(value: JsonValue) -> float:
    if isinstance(value, str):
        if value in _SPECIAL:
            return _SPECIAL[value]
        # float() also takes spaces, underscores and "nan", which JSON's grammar does not
        if not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?", value, re.ASCII):
            raise ValueError
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError  # noqa: TRY004  # as above
    try:
        number = float(value)
    except OverflowError:
        raise ValueError from None
    if math.isinf(number):
        raise ValueError
    return number


def _single_precision(value: JsonValue) -> float:
    number = _number(value)
    try:
        # not a bound on the number: the shortest text of the largest float is a little above it
        struct.pack("<f", number)
    except OverflowError:
        raise ValueError from None
    return number


def _boolean(value: JsonValue) -> bool:
    if isinstance(value, bool):
        return value
    # google-genai writes Python's "True" into query strings (gemini-api.md section 0)
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    raise ValueError


def _text(value: JsonValue) -> str:
    if not isinstance(value, str):
        raise ValueError  # noqa: TRY004  # one kind of error for all that does not fit
    return value


def _bytes(value: JsonValue) -> bytes:
    text = _text(value)
    padded = text.rstrip("=").translate(str.maketrans("-_", "+/"))
    try:
        return base64.b64decode(padded + "=" * (-len(padded) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f'Base64 decoding failed for "{text[:60]}"') from None


# By FieldDescriptor.type; the contract has no other scalar types (test_scalars.py checks).
_CONVERSIONS = {
    1: _number,  # double
    2: _single_precision,  # float
    3: lambda value: _integer(value, bits=64),
    5: lambda value: _integer(value, bits=32),
    8: _boolean,
    9: _text,
    12: _bytes,
}
