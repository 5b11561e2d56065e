"""Google's partial responses: the `fields` parameter picks what of an answer is sent.

Grammar: `models(name,displayName),nextPageToken`, `permissions/role`, `*` for every field
(developers.google.com "Partial responses"; the parameter stands in the API's discovery document,
gemini-api.md section 1). Names that no answer has pick nothing: whether Google refuses them is
not known. Read by `routes.py`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeAlias

from gemauth.google.invalid import InvalidRequestError, Violation

__all__ = ["Selection", "parse_fields", "select"]

# What is picked below each name; an empty selection picks the whole value.
Selection: TypeAlias = Mapping[str, "Selection"]

_TOKEN = re.compile(r"\s*([A-Za-z0-9_@*]+|[(),/])")
_DEPTH = 20  # deeper than any answer


def parse_fields(text: str) -> Selection:
    """Return the selection that a `fields` parameter means; an empty one picks everything.

    Raises:
        InvalidRequestError: the text is no selection.
    """
    tokens = _tokens(text)
    if not tokens:
        return {}
    selection = _list(tokens, 0)
    if tokens:
        raise _invalid(text)
    return selection


def _tokens(text: str) -> list[str]:
    """Return the tokens, last first, so that the next one is popped."""
    tokens = _TOKEN.findall(text)
    if "".join(tokens) != "".join(text.split()):
        raise _invalid(text)
    return tokens[::-1]


def _list(tokens: list[str], depth: int) -> Selection:
    selection: dict[str, Selection] = {}
    while True:
        name, below = _path(tokens, depth)
        merged = {**selection[name], **below} if selection.get(name) and below else below
        selection[name] = merged
        if not tokens or tokens[-1] != ",":
            return selection
        tokens.pop()


def _path(tokens: list[str], depth: int) -> tuple[str, Selection]:
    if not tokens or tokens[-1] in "(),/" or depth > _DEPTH:
        raise _invalid("".join(reversed(tokens)))
    name = tokens.pop()
    if tokens and tokens[-1] == "/":
        tokens.pop()
        inner, below = _path(tokens, depth + 1)
        return name, {inner: below}
    if tokens and tokens[-1] == "(":
        tokens.pop()
        selection = _list(tokens, depth + 1)
        if not tokens or tokens.pop() != ")":
            raise _invalid(name)
        return name, selection
    return name, {}


def select(value: Any, selection: Selection) -> Any:  # noqa: ANN401  # any JSON value
    """Return what a selection picks of a JSON value; lists are picked from item by item."""
    if not selection:
        return value
    if isinstance(value, list):
        return [select(item, selection) for item in value]
    if not isinstance(value, dict):
        return value
    every = selection.get("*")
    picked = {}
    for name, item in value.items():
        below = selection.get(name, every)
        if below is not None:
            picked[name] = select(item, below)
    return picked


def _invalid(text: str) -> InvalidRequestError:
    return InvalidRequestError.of([Violation("fields", f"Invalid field selection {text[:200]}")])
