"""Hypothesis strategies: any message of the contract, any JSON."""

from __future__ import annotations

import math
from typing import Any

from hypothesis import strategies as st

from gemauth.google.gemini.methods import METHODS
from gemauth.google.gemini.schema import schema

__all__ = ["json_values", "messages", "names", "requests_and_answers"]

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
_INT32 = st.integers(-(2**31), 2**31 - 1)
_SCALARS: dict[int, st.SearchStrategy[Any]] = {
    1: st.floats(allow_nan=False),
    # json_format writes the largest single-precision number and refuses to read it again
    2: st.floats(width=32, allow_nan=False).filter(lambda x: abs(x) < 3.4e38 or math.isinf(x)),
    3: st.integers(-(2**63), 2**63 - 1),
    5: _INT32,
    8: st.booleans(),
    9: _TEXT,
    12: st.binary(max_size=8),
}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=12,
)

requests_and_answers = sorted({name for m in METHODS for name in (m.request, m.response)})
names = st.sampled_from(requests_and_answers)


@st.composite
def messages(draw: st.DrawFn) -> Any:
    """A message that a method takes or gives, with any of its fields set."""
    message = schema("v1beta").message(draw(names))()
    _fill(draw, message, depth=0)
    return message


def _fill(draw: st.DrawFn, message: Any, depth: int) -> None:
    kind = message.DESCRIPTOR.full_name
    if kind == "google.protobuf.Timestamp":
        # protobuf's JSON has the years 1 to 9999 (its own bounds)
        message.seconds = draw(st.integers(-62135596800, 253402300799))
        message.nanos = draw(st.integers(0, 999_999_999))
        return
    if kind == "google.protobuf.Duration":
        message.seconds = draw(st.integers(0, 315_576_000_000))
        message.nanos = draw(st.integers(0, 999_999_999))
        return
    if kind == "google.protobuf.FieldMask":
        message.paths.extend(draw(st.lists(st.from_regex(r"[a-z]+(_[a-z]+)?", fullmatch=True))))
        return
    if kind in {"google.protobuf.Struct", "google.protobuf.Value"}:
        values = {"a": draw(_TEXT), "b": [draw(_INT32), None, True]}
        struct = message if kind.endswith("Struct") else message.struct_value
        struct.update(values)
        return
    if kind == "google.protobuf.Any":
        message.Pack(schema("v1beta").message("Permission")(role="WRITER"))
        return
    for field in message.DESCRIPTOR.fields:
        if depth > 3 or not draw(st.booleans()):
            continue
        _set(draw, message, field, depth)


def _set(draw: st.DrawFn, message: Any, field: Any, depth: int) -> None:
    target = getattr(message, field.name)
    if field.message_type and field.message_type.GetOptions().map_entry:
        for key in draw(st.lists(_TEXT, max_size=2)):
            _fill(draw, target[key], depth + 1)
    elif field.message_type and field.is_repeated:
        for _ in range(draw(st.integers(0, 2))):
            _fill(draw, target.add(), depth + 1)
    elif field.message_type:
        target.SetInParent()
        _fill(draw, target, depth + 1)
    else:
        values = (
            st.sampled_from(sorted(field.enum_type.values_by_number))
            if field.enum_type
            else _SCALARS[field.type]
        )
        if field.is_repeated:
            target.extend(draw(st.lists(values, max_size=2)))
        else:
            setattr(message, field.name, draw(values))
