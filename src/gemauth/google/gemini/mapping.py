"""JSON of the API's messages, both ways: what Google's REST frontend reads and writes.

Source: the ProtoJSON specification (protobuf.dev) and gemini-api.md section 1; refusals are worded
as in section 10, row 20. Answers are camelCase with defaults left out; requests may be camelCase
or snake_case. The emulator uses both directions; the client has resources.py.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from gemauth.google.gemini.reader import MessageReader
from gemauth.google.gemini.schema import ApiMessage, schema

if TYPE_CHECKING:
    from google.protobuf.descriptor_pool import DescriptorPool

    from gemauth.google.gemini.scalars import JsonValue

__all__ = ["from_dict", "to_dict"]


def to_dict(message: ApiMessage, *, enums_as_ints: bool = False) -> dict[str, JsonValue]:
    """Return a message as a JSON object: camelCase, defaults omitted, int64 as strings."""
    from google.protobuf import json_format

    value = json_format.MessageToDict(
        message, use_integers_for_enums=enums_as_ints, descriptor_pool=_pool()
    )
    written: dict[str, JsonValue] = _whole_numbers(value)
    return written


def _whole_numbers(value: JsonValue) -> JsonValue:
    """Return JSON with 1.0 as 1: Google writes `"topP": 1` (gemini-api.md section 5)."""
    if isinstance(value, dict):
        return {name: _whole_numbers(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_whole_numbers(item) for item in value]
    # beyond 2**53 a float's digits are no longer the number that was meant; -0.0 is no integer
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value) if value or math.copysign(1, value) > 0 else value
    return value


def from_dict(value: JsonValue, message: ApiMessage) -> None:
    """Read a JSON object into a message; `payload.parse_json` makes one of a body.

    Raises:
        InvalidRequestError: it is no object, has unknown fields or values of a wrong type; all of
            them are named.
    """
    reader = MessageReader(_pool())
    reader.read(value, message)
    reader.finish()


def _pool() -> DescriptorPool:
    return schema("v1beta").pool  # all versions share it
