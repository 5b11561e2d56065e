"""A tree of metadata: directories and values, found by path, written as text or JSON.

Source: google-oauth.md 5.6 for the forms, cloud.google.com/compute/docs/metadata for the listing of
directories; that a recursive answer's names are in camelCase is what clients read (`aliases`,
`email` and `scopes` have one form only) and the rest of it is inferred.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["JSON", "TEXT", "Directory", "Made", "Node", "find", "write"]

TEXT = "application/text"
JSON = "application/json"


class Made(Enum):
    """A value that is made when it is asked for; no recursive answer has it."""

    TOKEN = "token"  # noqa: S105  # a name
    IDENTITY = "identity"


@dataclass(frozen=True, slots=True)
class Directory:
    """Nodes by name.

    Args:
        entries: in the order in which they are listed.
        verbatim: whether the names are somebody's own, which JSON leaves as they are.
    """

    entries: Mapping[str, Node]
    verbatim: bool = False


Value: TypeAlias = str | int | tuple[str, ...]
Node: TypeAlias = Value | Made | Directory


def find(root: Directory, names: list[str]) -> Node | None:
    """Return the node that a path's names lead to, or None."""
    node: Node = root
    for name in names:
        if not isinstance(node, Directory) or name not in node.entries:
            return None
        node = node.entries[name]
    return node


def write(node: Value | Directory, *, recursive: bool, alt: str | None) -> tuple[str, str]:
    """Return a node's text and its media type.

    Args:
        node: what was asked for.
        recursive: whether a directory is answered with all below it, else with its names.
        alt: `json` or `text`; None for text, and for JSON where it is recursive.
    """
    if isinstance(node, Directory) and not recursive:
        names = [_listed(name, child) for name, child in node.entries.items()]
        return _write(tuple(names), alt or "text")
    if isinstance(node, Directory) and (alt or "json") == "text":
        return "".join(f"{line}\n" for line in _lines(node, "")), TEXT
    if isinstance(node, Directory):
        return _compact(_plain(node)), JSON
    return _write(node, alt or "text")


def _write(value: Value, alt: str) -> tuple[str, str]:
    if alt == "json":
        return _compact(value), JSON
    if isinstance(value, tuple):
        return "".join(f"{line}\n" for line in value), TEXT
    return str(value), TEXT


def _listed(name: str, child: Node) -> str:
    return f"{name}/" if isinstance(child, Directory) else name


def _plain(node: Value | Directory) -> object:
    if not isinstance(node, Directory):
        return node
    return {
        name if node.verbatim else _camel(name): _plain(child)
        for name, child in node.entries.items()
        if not isinstance(child, Made)
    }


def _lines(node: Value | Directory, path: str) -> Iterator[str]:
    if isinstance(node, Directory):
        for name, child in node.entries.items():
            if not isinstance(child, Made):
                yield from _lines(child, f"{path}/{name}" if path else name)
    else:
        values = node if isinstance(node, tuple) else (node,)
        yield from (f"{path} {value}" for value in values)


def _camel(name: str) -> str:
    head, *rest = name.split("-")
    return head + "".join(word.capitalize() for word in rest)


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
