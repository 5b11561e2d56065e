"""JSON payloads as Google's REST frontend reads them, for every API behind it.

The texts are those of gemini-api.md section 10, row 20. Stricter than Python's own parser: no NaN,
no half surrogate pairs (which no UTF-8 can carry on), no depth that exhausts the stack. Read by
`gemini/transcoding.py` and the emulator's rooms.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from gemauth.google.invalid import InvalidRequestError

if TYPE_CHECKING:
    from gemauth.google.gemini.scalars import JsonValue

__all__ = ["parse_json"]

_PREFIX = "Invalid JSON payload received."
_CONTEXT = 20  # characters shown on each side of a syntax error


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
