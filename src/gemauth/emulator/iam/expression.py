"""A small part of the Common Expression Language, as attribute mappings and conditions use it.

Language: github.com/google/cel-spec, doc/langdef.md. Known here: texts, whole numbers, true, false,
null, lists, `assertion.x` and `assertion['x']`, `== != < <= > >= in`, `+` of texts and lists,
`&& || !`, `a ? b : c`, `has(assertion.x)`, and of texts `startsWith`, `endsWith`, `contains`.
Everything else is refused when an expression is parsed, which is when a provider is created.

Of CEL's libraries for Python each brings either five packages or 16 MB (November 2026), more than
the whole emulator. Read by `federation`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gemauth.errors import GemauthError

__all__ = ["EvaluationError", "Expression", "ExpressionError", "parse"]

Node = Callable[[Mapping[str, Any]], Any]
DEEPEST = 32  # of brackets within each other: CEL's own parsers stop at that depth, too
MOST = 100  # operators: each of them is a call within the others' when it is evaluated

_TOKEN = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|(?P<number>\d+(?![\w.]))"""
    r"""|(?P<name>[A-Za-z_]\w*)|(?P<sign>&&|\|\||[=!<>]=|[-+<>!?:.,()\[\]]))""",
    re.ASCII,
)
_ESCAPE = re.compile(r"\\(u(?![dD][89a-fA-F])[0-9a-fA-F]{4}|.)")  # no half surrogate pairs
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\", "'": "'", '"': '"', "`": "`", "?": "?"}
_CONSTANTS: dict[str, Any] = {"true": True, "false": False, "null": None}
_METHODS: dict[str, Callable[[str, str], bool]] = {
    "startsWith": str.startswith,
    "endsWith": str.endswith,
    "contains": str.__contains__,
}


class ExpressionError(GemauthError):
    """Text that is no expression, or one that the emulator does not know."""


class EvaluationError(GemauthError):
    """An expression that has no value here: a member is missing, or of another type."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression."""

    text: str
    _node: Node = field(repr=False)

    def evaluate(self, variables: Mapping[str, Any]) -> Any:  # noqa: ANN401  # JSON
        """Return its value, JSON, for JSON variables.

        Raises:
            EvaluationError: it has none.
        """
        return self._node(variables)


def parse(text: str, variables: tuple[str, ...]) -> Expression:
    """Return the expression that a text is.

    Raises:
        ExpressionError: it is none, uses what is not known here, or names another variable.
    """
    parser = _Parser(text, variables)
    node = parser.conditional()
    if parser.sign is not None or parser.kind is not None:
        raise parser.error("the expression goes on after its end")
    return Expression(text, node)


class _Parser:
    """Recursive descent over tokens, one of them ahead; each method returns what evaluates."""

    def __init__(self, text: str, variables: tuple[str, ...]) -> None:
        self._text = text
        self._variables = variables
        self._end = 0
        self._depth = 0
        self._operators = 0
        self._advance()

    @property
    def sign(self) -> str | None:
        """The token ahead, if it is a sign or the word `in`."""
        return self._word if self.kind == "sign" or self._word == "in" else None

    def error(self, why: str) -> ExpressionError:
        """Return the error at the token ahead."""
        return ExpressionError(f"At character {self._start + 1} of {self._text!r}: {why}.")

    def conditional(self) -> Node:
        """`a ? b : c`, which binds least."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise self.error("it is nested too deeply")
        node = self._or()
        if self._take("?"):
            then = self.conditional()
            self._expect(":")
            node = _choice(node, then, self.conditional())
        self._depth -= 1
        return node

    def _or(self) -> Node:
        node = self._and()
        while self._take("||"):
            node = _logic(node, self._and(), decisive=True)
        return node

    def _and(self) -> Node:
        node = self._relation()
        while self._take("&&"):
            node = _logic(node, self._relation(), decisive=False)
        return node

    def _relation(self) -> Node:
        node = self._sum()
        while self.sign in _RELATIONS:
            relate = _RELATIONS[str(self.sign)]
            self._advance()
            node = _binary(relate, node, self._sum())
        return node

    def _sum(self) -> Node:
        node = self._unary()
        while self._take("+"):
            node = _binary(_add, node, self._unary())
        return node

    def _unary(self) -> Node:
        if self._take("!"):
            return _not(self._unary())
        return self._member()

    def _member(self) -> Node:
        node = self._primary()
        while True:
            if self._take("."):
                name = self._name()
                node = self._call(node, name) if self._take("(") else _select(node, name)
            elif self._take("["):
                node = _binary(_index, node, self.conditional())
                self._expect("]")
            else:
                return node

    def _primary(self) -> Node:
        if self._take("("):
            node = self.conditional()
            self._expect(")")
            return node
        if self._take("["):
            return self._list()
        kind, word = self.kind, self._word
        if kind == "text":
            return _constant(self._text_of(word))
        if kind == "number":
            self._advance()
            return _constant(int(word))
        if kind != "name" or word == "in":
            raise self.error("a value is missing here")
        if word in _CONSTANTS:
            self._advance()
            return _constant(_CONSTANTS[word])
        if word not in self._variables and word != "has":
            known = " and ".join(self._variables)
            raise self.error(f"{word!r} is not known here, only {known}")
        self._advance()
        return self._has() if word == "has" else _variable(word)

    def _has(self) -> Node:
        """`has(a.b)`: whether the member is there."""
        self._expect("(")
        node = self._primary()
        name = None
        while self._take("."):
            node = node if name is None else _select(node, name)
            name = self._name()
        self._expect(")")
        if name is None:
            raise self.error("has() takes a member, such as has(assertion.email)")
        wanted = name
        return lambda variables: wanted in _object(node(variables))

    def _call(self, node: Node, name: str) -> Node:
        if name not in _METHODS:
            raise self.error(
                f"the function {name}() is not one that the emulator knows; it knows "
                f"{', '.join(_METHODS)} and has"
            )
        argument = self.conditional()
        self._expect(")")
        method = _METHODS[name]
        return _binary(lambda a, b: method(_as_text(a), _as_text(b)), node, argument)

    def _list(self) -> Node:
        items: list[Node] = []
        while not self._take("]"):
            if items:
                self._expect(",")
            items.append(self.conditional())
        return lambda variables: [item(variables) for item in items]

    def _name(self) -> str:
        if self.kind != "name":
            raise self.error("a member's name is missing here")
        name = self._word
        self._advance()
        return name

    def _text_of(self, word: str) -> str:
        def unescaped(match: re.Match[str]) -> str:
            if len(match[1]) > 1:
                return chr(int(match[1][1:], 16))
            if match[1] not in _ESCAPED:
                raise self.error(f"the escape {match[0]} is not one that the emulator knows")
            return _ESCAPED[match[1]]

        text = _ESCAPE.sub(unescaped, word[1:-1])
        self._advance()
        return text

    def _take(self, sign: str) -> bool:
        if self.sign != sign:
            return False
        self._advance()
        return True

    def _expect(self, sign: str) -> None:
        if not self._take(sign):
            raise self.error(f"{sign} is missing here")

    def _advance(self) -> None:
        match = _TOKEN.match(self._text, self._end)
        self._start = self._end
        if match is None:
            if self._text[self._end :].strip():
                raise self.error("this is not part of the language that the emulator knows")
            self.kind, self._word = None, ""
            return
        self.kind, self._word = match.lastgroup, match[str(match.lastgroup)]
        self._start, self._end = match.start(str(match.lastgroup)), match.end()
        self._operators += self.sign not in {None, ",", ")", "]"}
        if self._operators > MOST:
            raise self.error(f"there are more than {MOST} operators")


# --- What nodes do


def _constant(value: Any) -> Node:  # noqa: ANN401  # JSON
    return lambda _: value


def _variable(name: str) -> Node:
    return lambda variables: variables[name]


def _select(node: Node, name: str) -> Node:
    return lambda variables: _index(_object(node(variables)), name)


def _binary(operate: Callable[[Any, Any], Any], left: Node, right: Node) -> Node:
    return lambda variables: operate(left(variables), right(variables))


def _not(node: Node) -> Node:
    return lambda variables: not _truth(node(variables))


def _choice(condition: Node, then: Node, other: Node) -> Node:
    return lambda variables: (then if _truth(condition(variables)) else other)(variables)


def _logic(left: Node, right: Node, *, decisive: bool) -> Node:
    """`||` (decided by true) or `&&` (by false).

    One side that decides makes the other's failure no failure (cel-spec, "Logical Operators").
    """

    def decide(variables: Mapping[str, Any]) -> bool:
        try:
            if _truth(left(variables)) is decisive:
                return decisive
        except EvaluationError:
            if _truth(right(variables)) is decisive:
                return decisive
            raise
        return _truth(right(variables))

    return decide


def _truth(value: Any) -> bool:  # noqa: ANN401  # JSON
    if not isinstance(value, bool):
        raise EvaluationError(f"{_shown(value)} is neither true nor false.")
    return value


def _object(value: Any) -> Mapping[str, Any]:  # noqa: ANN401  # JSON
    if not isinstance(value, Mapping):
        raise EvaluationError(f"{_shown(value)} has no members.")
    return value


def _as_text(value: Any) -> str:  # noqa: ANN401  # JSON
    if not isinstance(value, str):
        raise EvaluationError(f"{_shown(value)} is no text.")
    return value


def _index(value: Any, key: Any) -> Any:  # noqa: ANN401  # JSON
    if isinstance(value, list) and isinstance(key, int) and not isinstance(key, bool):
        if 0 <= key < len(value):
            return value[key]
        raise EvaluationError(f"There is no element {key}.")
    members = _object(value)
    if not isinstance(key, str) or key not in members:
        raise EvaluationError(f"There is no {_shown(key)}.")
    return members[key]


def _add(left: Any, right: Any) -> Any:  # noqa: ANN401  # JSON
    alike = any(isinstance(left, kind) and isinstance(right, kind) for kind in (str, list))
    if alike or (_number(left) and _number(right)):
        return left + right
    raise EvaluationError(f"{_shown(left)} and {_shown(right)} cannot be added.")


def _equal(left: Any, right: Any) -> bool:  # noqa: ANN401  # JSON
    """Values of two types are not equal; Python alone would say that true is 1."""
    return bool(left == right and isinstance(left, bool) == isinstance(right, bool))


def _in(left: Any, right: Any) -> bool:  # noqa: ANN401  # JSON
    if isinstance(right, list):
        return any(_equal(left, item) for item in right)
    return isinstance(left, str) and left in _object(right)


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def relate(left: Any, right: Any) -> bool:  # noqa: ANN401  # JSON
        if (isinstance(left, str) and isinstance(right, str)) or (_number(left) and _number(right)):
            return compare(left, right)
        raise EvaluationError(f"{_shown(left)} and {_shown(right)} have no order.")

    return relate


def _number(value: Any) -> bool:  # noqa: ANN401  # JSON
    return isinstance(value, int | float) and not isinstance(value, bool)


def _shown(value: Any) -> str:  # noqa: ANN401  # JSON
    return json.dumps(value, ensure_ascii=False)[:80]


_RELATIONS: dict[str | None, Callable[[Any, Any], bool]] = {
    "==": _equal,
    "!=": lambda left, right: not _equal(left, right),
    "<": _ordered(lambda left, right: bool(left < right)),
    "<=": _ordered(lambda left, right: bool(left <= right)),
    ">": _ordered(lambda left, right: bool(left > right)),
    ">=": _ordered(lambda left, right: bool(left >= right)),
    "in": _in,
}
