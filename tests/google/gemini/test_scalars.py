from __future__ import annotations

import contextlib
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gemauth.google.gemini.scalars import enum_number, scalar
from gemauth.google.gemini.schema import schema
from tests.google.gemini.messages import json_values, requests_and_answers

DOUBLE, FLOAT, INT64, INT32, BOOL, STRING, BYTES = 1, 2, 3, 5, 8, 9, 12

GOOD = [
    (INT32, -(2**31), -(2**31)),
    (INT32, 2**31 - 1, 2**31 - 1),
    (INT32, "-5", -5),
    (INT32, 5.0, 5),
    (INT64, str(2**63 - 1), 2**63 - 1),
    (DOUBLE, 1, 1.0),
    (DOUBLE, "1e3", 1000.0),
    (DOUBLE, "Infinity", math.inf),
    (FLOAT, 3.4028235e38, 3.4028235e38),
    (BOOL, True, True),
    (BOOL, "True", True),
    (BOOL, "false", False),
    (STRING, "", ""),
    (BYTES, "", b""),
    (BYTES, "-_8", b"\xfb\xff"),
]


@pytest.mark.parametrize(("kind", "value", "converted"), GOOD)
def test_a_value_that_fits(kind: int, value: Any, converted: Any) -> None:
    """ProtoJSON takes numbers as text, whole floats as integers, and both base64 alphabets."""
    found = scalar(kind, value)
    assert found == converted
    assert type(found) is type(converted)


BAD: dict[int, list[Any]] = {
    INT32: [2**31, -(2**31) - 1, 1.5, True, "", "1.0", "x", " 1", "١", None],
    INT64: [2**63, "9" * 30, math.nan, math.inf, [], {}],
    DOUBLE: ["nan", "1_0", " 1", "x", False, 10**400, "1e999", None],
    FLOAT: [3.5e38, "1e39", "x"],
    BOOL: [0, 1, "yes", None],
    STRING: [1, True, None, []],
    BYTES: ["a", "a b=", "é", 1, None],
}


@pytest.mark.parametrize(
    ("kind", "value"), [(kind, value) for kind, values in BAD.items() for value in values]
)
def test_a_value_that_does_not_fit(kind: int, value: Any) -> None:
    """Other types, ranges and spellings are ValueErrors, never another number."""
    with pytest.raises(ValueError):
        scalar(kind, value)


@given(kind=st.sampled_from([1, 2, 3, 5, 8, 9, 12]), value=json_values)
def test_nothing_but_a_value_error(kind: int, value: Any) -> None:
    """Any JSON value converts or is a ValueError."""
    with contextlib.suppress(ValueError):
        scalar(kind, value)


def test_enums_by_name_and_number() -> None:
    """Names are exact; numbers must be of the enum."""
    role = schema("v1").message("Permission").DESCRIPTOR.enum_types_by_name["Role"]
    assert enum_number(role, "OWNER") == enum_number(role, 1) == enum_number(role, "1") == 1
    for value in ("owner", "", 4, -1, True, None, 1.5):
        with pytest.raises(ValueError):
            enum_number(role, value)


def test_the_contract_has_no_other_scalar_type() -> None:
    """The conversions cover every field of every message that a method takes or gives."""
    seen: set[str] = set()
    kinds: set[int] = set()

    def visit(descriptor: Any) -> None:
        if descriptor.full_name in seen or descriptor.full_name.startswith("google.protobuf."):
            return
        seen.add(descriptor.full_name)
        for field in descriptor.fields:
            if field.message_type:
                visit(field.message_type)
            elif not field.enum_type:
                kinds.add(field.type)

    for name in requests_and_answers:
        visit(schema("v1beta").message(name).DESCRIPTOR)
    assert kinds <= {DOUBLE, FLOAT, INT64, INT32, BOOL, STRING, BYTES}
    assert {"google.ai.generativelanguage.v1beta.Schema", "google.rpc.Status"} <= seen
