from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pkgutil import iter_modules

import pytest

import gemauth
from gemauth import types
from gemauth.google.gemini import resources
from gemauth.google.gemini.resources.open_resource import OpenResource
from gemauth.google.gemini.resources.resource import Resource


def test_every_resource_is_there() -> None:
    """A new resource class joins the public names."""
    found = {
        member.__name__
        for module in iter_modules(resources.__path__, f"{resources.__name__}.")
        for member in vars(import_module(module.name)).values()
        if isinstance(member, type)
        and issubclass(member, Resource)
        and member not in {Resource, OpenResource}
    }
    assert found <= set(types.__all__)


@pytest.mark.parametrize("name", types.__all__)
def test_each_name_is_what_it_says(name: str) -> None:
    """It is the class of that name, found by dir() and by completion."""
    assert getattr(types, name).__name__ == name
    assert name in dir(types)


def test_a_name_that_is_none() -> None:
    """As any module says it."""
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = types.Nothing  # type: ignore[attr-defined]
    assert gemauth.types is types


def test_a_name_loads_no_other_family() -> None:
    """A program pays for what it uses."""
    code = (
        "import sys; from gemauth import types; types.Model\n"
        "assert 'gemauth.google.gemini.resources.models' in sys.modules\n"
        "assert 'gemauth.google.gemini.resources.content' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
