from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, dataclass, field, fields, replace

import pytest

from gemauth.value import Value, frozen


@frozen
class Ours(Value):
    """One with everything that a field may be."""

    first: str
    second: int = 2
    third: tuple[str, ...] = field(default_factory=tuple)
    fourth: str = field(default="secret", repr=False)


@dataclass(frozen=True, slots=True)
class Theirs:
    """The same by the standard library."""

    first: str
    second: int = 2
    third: tuple[str, ...] = field(default_factory=tuple)
    fourth: str = field(default="secret", repr=False)


@frozen
class Other(Value):
    """One with a field of the same name and type."""

    first: str


def test_it_is_a_dataclass() -> None:
    """Fields, defaults, arguments by place and name, replace and repr are the library's."""
    for ours, theirs in (
        (Ours("a"), Theirs("a")),
        (Ours("a", 3, ("x",)), Theirs("a", 3, ("x",))),
        (Ours(fourth="y", first="b"), Theirs(fourth="y", first="b")),
        (replace(Ours("a"), second=4), replace(Theirs("a"), second=4)),
    ):
        assert repr(ours) == repr(theirs).replace("Theirs", "Ours")
        assert [getattr(ours, one.name) for one in fields(ours)] == [
            getattr(theirs, one.name) for one in fields(theirs)
        ]
    assert "secret" not in repr(Ours("a"))
    assert Ours.__match_args__ == Theirs.__match_args__


def test_equality() -> None:
    """By class and fields, and hashed so."""
    assert Ours("a") == Ours("a", 2)
    assert Ours("a") != Ours("b")
    assert Other("a") != Ours("a")
    assert Other("a") != "a"
    assert len({Ours("a"), Ours("a", 2), Ours("b")}) == 2


def test_frozen() -> None:
    """No field can be set, deleted or added."""
    one = Other("a")
    for name in ("first", "more"):
        with pytest.raises(FrozenInstanceError):
            setattr(one, name, "b")
    with pytest.raises(FrozenInstanceError):
        del one.first
    assert not hasattr(one, "__dict__")


@pytest.mark.parametrize("arguments", [(), ("a", 1, (), "x", "y")])
def test_arguments_that_do_not_fit(arguments: tuple[object, ...]) -> None:
    """Too few and too many are a TypeError."""
    with pytest.raises(TypeError):
        Ours(*arguments)  # type: ignore[arg-type]


def test_matching() -> None:
    """Fields are matched by place."""
    match Ours("a", 5):
        case Ours(first, second):
            assert (first, second) == ("a", 5)


def test_copies() -> None:
    """A copy and a pickle are equal to it."""
    one = Ours("a", 3, ("x",))
    assert copy.copy(one) == copy.deepcopy(one) == pickle.loads(pickle.dumps(one)) == one  # noqa: S301  # our own


def test_what_it_does_not_do() -> None:
    """Is refused where the class is made, and not passed over."""
    for odd in (field(compare=False), field(kw_only=True), field(init=False, default="")):

        class Odd(Value):
            x: str = odd

        with pytest.raises(AssertionError, match="not done here"):
            frozen(Odd)

    class After(Value):
        x: str

        def __post_init__(self) -> None: ...

    with pytest.raises(AssertionError, match="would not be called"):
        frozen(After)
