"""JSON of the API's messages, both ways: what Google's REST frontend reads and writes.

Source: the ProtoJSON specification (protobuf.dev) and gemini-api.md section 1; refusals are worded
as in section 10, row 20. Answers are camelCase with defaults left out; requests may be camelCase
or snake_case. The emulator uses both directions; the client has resources.py.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

from gemauth.google.gemini.invalid import InvalidRequestError
from gemauth.google.gemini.reader import MessageReader
from gemauth.google.gemini.schema import ApiMessage, schema

if TYPE_CHECKING:
    from google.protobuf.descriptor_pool import DescriptorPool

    from gemauth.google.gemini.scalars import JsonValue

__all__ = ["from_json", "parse_json", "to_dict", "to_json"]

_PREFIX = "Invalid JSON payload received."
_CONTEXT = 20  # characters shown on each side of a syntax error


def to_json(message: ApiMessage, *, enums_as_ints: bool = False, pretty: bool = True) -> bytes:
    """Return a message as the body of an answer, ending in a newline.

    Args:
        message: any message of the schema.
        enums_as_ints: what `$alt=json;enum-encoding=int` asks for.
        pretty: `prettyPrint`, two spaces of indent.
    """
    value = to_dict(message, enums_as_ints=enums_as_ints)
    separators = None if pretty else (",", ":")
    text = json.dumps(
        value, ensure_ascii=False, indent=2 if pretty else None, separators=separators
    )
    return f"{text}\n".encode()


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


def from_json(body: bytes | str, message: ApiMessage) -> None:
    """Read a JSON object into a message.

    Raises:
        InvalidRequestError: the body is no JSON, has unknown fields or values of a wrong type;
            all of them are named.
    """
    reader = MessageReader(_pool())
    reader.read(parse_json(body), message)
    reader.finish()


def _pool() -> DescriptorPool:
    return schema("v1beta").pool  # all versions share it


def parse_json(body: bytes | str) -> JsonValue:
    """Return the JSON value of a body; an empty body is `{}`.

    Raises:
        InvalidRequestError: the body is no JSON; the text shows where, with a caret below.
    """
    try:
        text = body if isinstance(body, str) else body.decode("utf-8")
        if not text.strip():
            return {}
        value = json.loads(text, parse_constant=_no_constant)
        if "\\u" in text:  # an escape may be half a surrogate pair, which UTF-8 cannot carry
            json.dumps(value, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        raise InvalidRequestError(_syntax_error(text, error)) from None
    except UnicodeError:
        raise InvalidRequestError(f"{_PREFIX} Encountered non UTF-8 code points.") from None
    except (RecursionError, ValueError):  # nested too deeply, or an int of thousands of digits
        raise InvalidRequestError(f"{_PREFIX} Unable to parse number or nesting.") from None
    return value


def _no_constant(_name: str) -> JsonValue:
    """Refuse NaN and Infinity, which Python's parser takes and JSON does not have."""
    raise InvalidRequestError(f"{_PREFIX} Unexpected token.")


def _syntax_error(text: str, error: json.JSONDecodeError) -> str:
    start = max(error.pos - _CONTEXT, 0)
    shown = text[start : error.pos + _CONTEXT]
    caret = " " * (error.pos - start) + "^"
    reason = _reason(text, error)
    if not text[error.pos :].strip():
        reason = f"Unexpected end of string. {reason}"
    return f"{_PREFIX} {reason}\n{shown}\n{caret}"


def _reason(text: str, error: json.JSONDecodeError) -> str:
    if "property name" in error.msg:
        return "Expected an object key or }."
    if "':'" in error.msg:
        return "Expected : between key:value pair."
    if "','" in error.msg:
        return (
            "Expected , or } after key:value pair."
            if _enclosing(text[: error.pos]) == "{"
            else "Expected , or ] after array value."
        )
    if error.msg == "Expecting value" and not text[error.pos :].strip():
        return "Expected a value."
    return "Unexpected token."


def _enclosing(text: str) -> str:
    """Return the bracket that is open at the end of a piece of JSON."""
    open_brackets = []
    quoted = escaped = False
    for character in text:
        if quoted:
            quoted = escaped or character != '"'
            escaped = character == "\\" and not escaped
        elif character == '"':
            quoted = True
        elif character in "{[":
            open_brackets.append(character)
        elif character in "}]":
            open_brackets.pop()
    return open_brackets[-1] if open_brackets else ""
