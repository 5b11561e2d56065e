from __future__ import annotations

import pytest

from gemauth import errors
from gemauth.errors import Fault, GemauthError

KINDS = [getattr(errors, name) for name in errors.__all__ if name.endswith("Error")]


@pytest.mark.parametrize("kind", KINDS)
def test_one_tree(kind: type[GemauthError]) -> None:
    """Everything derives from GemauthError, and a room's own class keeps its exit code."""
    assert issubclass(kind, GemauthError)
    assert type("Own", (kind,), {})("x").exit_code == kind.exit_code


def test_each_kind_has_its_exit_code() -> None:
    """A script can tell the kinds apart: 1 to 7, none twice."""
    assert sorted(kind.exit_code for kind in KINDS) == [1, 2, 3, 4, 5, 6, 7]


def test_what_an_error_says() -> None:
    """Message and next step on lines of their own; evidence is kept and not shown."""
    error = errors.UsageError("No.", next_step="Do that.", evidence="raw")
    assert str(error) == "No.\nDo that."
    assert error.evidence == "raw"
    assert str(errors.UsageError("No.")) == "No."


def test_whose_fault() -> None:
    """The class's own unless given: the network's, the machine's, the caller's."""
    assert errors.UsageError("x").fault is Fault.CALLER
    assert errors.UnreachableError("x").fault is Fault.NETWORK
    assert errors.DataError("x").fault is Fault.MACHINE
    assert errors.DataError("x", fault=Fault.SERVER).fault is Fault.SERVER
