from __future__ import annotations

import pytest

from gemauth.run.layers import warnings


@pytest.mark.parametrize(
    ("line", "flag"),
    [
        ("python app.py", None),
        ("python -I app.py", "I"),
        ("/usr/bin/python3.12 -sE -c pass", "E"),
        ("python3 -W error -S -m app", "S"),
        ("python3 -Werror -uS x", "S"),
        ("python -u app.py -I", None),
        ("python -c -I", None),
        ("python -mES x", None),
        ("python -X dev app.py -S", None),
        ("python --version -I", "I"),
        ("python - -I", None),
        ("python", None),
        ("pypy3 -I x", "I"),
        ("env A=b python3 -I x", "I"),
        ("pythonic -I x", None),
        ("ruby -I x", None),
        ("", None),
    ],
)
def test_a_python_that_loads_no_preload(line: str, flag: str | None) -> None:
    """Only Python's own flags count, and only until its program's words begin"""
    found = warnings(line.split())
    assert len(found) == (flag is not None)
    assert all(f" -{flag} " in warning for warning in found)


@pytest.mark.parametrize(
    ("first_line", "warned"),
    [
        ("#!/usr/bin/python3 -Es", True),
        ("#!/usr/bin/env -S python3 -I", True),
        ("#!/usr/bin/env python3", False),
        ("#!/bin/sh", False),
        ("#!it's broken", False),
        ("\x7fELF", False),
        ("", False),
    ],
)
def test_a_scripts_own_interpreter(first_line: str, warned: bool) -> None:  # noqa: FBT001
    """The first line of a script may hold such a flag"""
    assert bool(warnings(["tool", "-I"], first_line)) is warned
