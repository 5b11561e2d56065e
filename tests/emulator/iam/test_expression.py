from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gemauth.emulator.iam.expression import EvaluationError, ExpressionError, parse

CLAIMS: dict[str, Any] = {
    "sub": "repo:corp/app:ref",
    "repository": "corp/app",
    "roles": ["admin", "dev"],
    "count": 2,
    "good": True,
    "nothing": None,
    "nested": {"a": {"b": "c"}, "with space": "d"},
}


def value(text: str) -> Any:
    """The value of an expression over CLAIMS."""
    return parse(text, ("assertion",)).evaluate({"assertion": CLAIMS})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("assertion.sub", "repo:corp/app:ref"),
        ("assertion['sub']", "repo:corp/app:ref"),
        ("assertion.nested.a['b']", "c"),
        ("assertion.nested['with space']", "d"),
        ("assertion.roles[1]", "dev"),
        ("assertion.roles", ["admin", "dev"]),
        ("'a' + \"b\" + assertion.repository", "abcorp/app"),
        ("[1] + [2, 3]", [1, 2, 3]),
        ("1 + 2", 3),
        (r"'it\'s \\ \u00e9\n'", "it's \\ é\n"),
        ("assertion.sub.startsWith('repo:')", True),
        ("assertion.sub.endsWith(':main')", False),
        ("assertion.sub.contains('corp')", True),
        ("assertion.repository == 'corp/app'", True),
        ("assertion.repository != 'corp/app'", False),
        ("assertion.good == 1", False),
        ("assertion.nothing == null", True),
        ("assertion.count >= 2 && assertion.count < 3", True),
        ("'a' < 'b' && 'b' > 'a' && 1 <= 1", True),
        ("'admin' in assertion.roles", True),
        ("assertion.repository in ['corp/app', 'corp/lib']", True),
        ("'a' in assertion.nested", True),
        ("true in [1]", False),
        ("!('x' in assertion.roles)", True),
        ("!!assertion.good", True),
        ("false || true && false", False),
        ("assertion.good ? 'yes' : 'no'", "yes"),
        ("false ? 1 : true ? 2 : 3", 2),
        ("has(assertion.sub) && !has(assertion.email)", True),
        ("has(assertion.nested.a)", True),
        ("(assertion.good)", True),
    ],
)
def test_values(text: str, expected: Any) -> None:
    """The known part of the language means what the language's definition says"""
    assert value(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "assertion.missing == 1 || true",
        "true || assertion.missing == 1",
        "!(assertion.missing == 1 && false)",
    ],
)
def test_one_side_can_decide(text: str) -> None:
    """What decides alone makes the other side's failure none"""
    assert value(text) is True


@pytest.mark.parametrize(
    "text",
    [
        "assertion.missing",
        "assertion.sub.part",
        "assertion.roles[2]",
        "assertion.roles['a']",
        "assertion.count + 'a'",
        "assertion.count.startsWith('2')",
        "assertion.count < 'a'",
        "assertion.good && 'yes'",
        "!assertion.sub",
        "assertion.sub ? 1 : 2",
        "'a' in 'abc'",
        "assertion.missing || false",
    ],
)
def test_no_value(text: str) -> None:
    """A missing member and a wrong type have no value, instead of a surprising one"""
    with pytest.raises(EvaluationError):
        value(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "a value is missing"),
        ("assertion.", "member's name"),
        ("subject", "not known here"),
        ("assertion.sub.matches('a')", "the function matches() is not one"),
        ("assertion.sub.extract('{x}/')", "the function extract() is not one"),
        ("size(assertion.roles)", "not known here"),
        ("assertion.roles.exists(r, r == 'a')", "the function exists()"),
        ("1.5", "not part of the language"),
        ("'open", "not part of the language"),
        (r"'\q'", "the escape"),
        (r"'\ud800'", "the escape"),
        ("assertion ==", "a value is missing"),
        ("[1, 2", ", is missing"),
        ("(1", ") is missing"),
        ("1 2", "goes on after its end"),
        ("has(assertion)", "has() takes a member"),
        ("has(1", ") is missing"),
        ("true ? 1", ": is missing"),
        ("assertion in", "a value is missing"),
        ("(" * 40 + "1" + ")" * 40, "nested too deeply"),
        ("!" * 200 + "true", "more than 100 operators"),
        ("assertion" + ".a" * 200, "more than 100 operators"),
    ],
)
def test_what_is_not_known(text: str, why: str) -> None:
    """Everything else is refused when it is parsed, with the place and the reason"""
    with pytest.raises(ExpressionError) as caught:
        parse(text, ("assertion",))
    assert why in str(caught.value)


@given(st.text("assertion.x'\"[]()!=&|?:+<>in,0 \\"))
def test_any_text(text: str) -> None:
    """Whatever a person writes is an expression or an ExpressionError, and evaluation ends"""
    try:
        expression = parse(text, ("assertion",))
    except ExpressionError:
        return
    try:
        expression.evaluate({"assertion": CLAIMS})
    except EvaluationError:
        return
