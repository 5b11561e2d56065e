"""Functions that read one kind of resource from JSON, written once for each kind and then run.

A list of models is 50 objects of 13 fields: asking each time what type a field has cost more than
all else together that a call does. So the question is answered once, as source text, the way the
standard library's dataclasses write `__init__`. A value of exactly the type that is expected is
taken as it is; every other one goes through `read_field`, which converts or refuses it.

Used by `resource.py`, whose types it knows.
"""

from __future__ import annotations

from dataclasses import MISSING, fields
from types import UnionType
from typing import TYPE_CHECKING, Any, get_args, get_origin

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["compiled"]

_STRINGS = frozenset({str})


def compiled(
    cls: type[Any],
    members: Mapping[str, tuple[str, Any]],
    read_field: Callable[[type[Any], str, Any], Any],
) -> Callable[[Mapping[str, Any]], Any]:
    """Return the function from a JSON object to an instance of a frozen dataclass with slots.

    Args:
        cls: without `__post_init__`.
        members: each field's name in JSON, and its type.
        read_field: returns a field's value from the class, the field's name and a JSON value that
            is not None and not simply of its type; raises what is to be raised.
    """
    assert not hasattr(cls, "__post_init__")
    names: dict[str, Any] = {"cls": cls, "new": object.__new__, "STRINGS": _STRINGS}
    names["read_field"] = read_field
    lines = ["def read(value):", "  get = value.get", "  made = new(cls)"]
    for field in fields(cls):
        name = field.name
        json_name, kind = members[name]
        names[f"set_{name}"] = getattr(cls, name).__set__  # a slot's: frozen is for others
        if field.default_factory is not MISSING:
            names[f"default_{name}"] = field.default_factory
            default = f"default_{name}()"
        else:
            names[f"default_{name}"] = field.default
            default = f"default_{name}"
        lines += [
            f"  x = get({json_name!r})",
            f"  if {_exact(kind)}: set_{name}(made, {_taken(kind)})",
            f"  elif x is None: set_{name}(made, {default})",
            f"  else: set_{name}(made, read_field(cls, {name!r}, x))",
        ]
    lines.append("  return made")
    exec("\n".join(lines), names)  # noqa: S102  # our own fields' names, no input
    function: Callable[[Mapping[str, Any]], Any] = names["read"]
    return function


def _plain(kind: Any) -> Any:  # noqa: ANN401  # a type
    return get_args(kind)[0] if get_origin(kind) is UnionType else kind


def _exact(kind: Any) -> str:  # noqa: ANN401  # a type
    """Return the condition under which a value is of its type as it is."""
    kind = _plain(kind)
    if kind in {str, int, bool}:
        return f"type(x) is {kind.__name__}"
    if kind is float:
        return "type(x) is float or type(x) is int"
    if kind == tuple[str, ...]:
        return "type(x) is list and STRINGS.issuperset(map(type, x))"
    return "False"


def _taken(kind: Any) -> str:  # noqa: ANN401  # a type
    kind = _plain(kind)
    return "float(x)" if kind is float else "tuple(x)" if kind == tuple[str, ...] else "x"
