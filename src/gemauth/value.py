"""Frozen dataclasses with slots, made at less cost: for modules that every command loads.

    @frozen
    class Wait(Value):
        seconds: float

The standard library writes seven functions for each frozen dataclass, as source text that is
compiled at every start: 0.75 ms each, a twentieth of Python's own start, and fifty of them are more
than all else that listing models does. Of the seven only `__init__` differs from class to class, so
it alone is written here, and the others are inherited. `fields`, `replace` and `match` work as
ever. Elsewhere `@dataclass(frozen=True, slots=True)` reads better (docs/decisions/0020).
"""

from __future__ import annotations

from dataclasses import MISSING, FrozenInstanceError, dataclass, field, fields
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, dataclass_transform

if TYPE_CHECKING:
    from dataclasses import Field
    from typing import ClassVar

__all__ = ["Value", "frozen"]

C = TypeVar("C", bound=type)


class Value:
    """The base: two are equal when they are of one class and their fields are."""

    __slots__ = ()

    if TYPE_CHECKING:
        __dataclass_fields__: ClassVar[dict[str, Field[Any]]]
    else:  # a type checker knows from the decorator that nothing can be set

        def __setattr__(self, name: str, _: object) -> NoReturn:
            raise FrozenInstanceError(f"cannot assign to field {name!r}")

        def __delattr__(self, name: str) -> NoReturn:
            raise FrozenInstanceError(f"cannot delete field {name!r}")

    def _values(self) -> tuple[Any, ...]:
        return tuple(getattr(self, one.name) for one in fields(self))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Value) or type(other) is not type(self):
            return NotImplemented
        return self._values() == other._values()

    def __hash__(self) -> int:
        return hash((type(self), self._values()))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self._values()

    def __repr__(self) -> str:
        shown = (f"{f.name}={getattr(self, f.name)!r}" for f in fields(self) if f.repr)
        return f"{type(self).__qualname__}({', '.join(shown)})"


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(cls: C) -> C:
    """Make a class that derives from `Value`, and from it directly, a frozen dataclass."""
    assert not hasattr(cls, "__post_init__"), "it would not be called"
    made: Any = dataclass(init=False, repr=False, eq=False, slots=True)(cls)
    names: dict[str, Any] = {"MISSING": MISSING}
    taken, lines = ["self"], ["  pass"]
    for one in fields(made):
        name = one.name
        usual = (one.init, one.compare, one.hash, one.kw_only) == (True, True, None, False)
        assert usual, "not done here"
        names[f"set_{name}"] = getattr(made, name).__set__  # its slot's
        given = name
        if one.default_factory is not MISSING:
            names[f"make_{name}"] = one.default_factory
            taken.append(f"{name}=MISSING")
            given = f"make_{name}() if {name} is MISSING else {name}"
        elif one.default is not MISSING:
            names[f"default_{name}"] = one.default
            taken.append(f"{name}=default_{name}")
        else:
            taken.append(name)
        lines.append(f"  set_{name}(self, {given})")
    exec(f"def __init__({', '.join(taken)}):\n" + "\n".join(lines), names)  # noqa: S102  # our own fields
    made.__init__ = names["__init__"]
    result: C = made
    return result
