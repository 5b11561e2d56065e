from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from gemauth.emulator import pages
from gemauth.emulator.pages import templating as module
from gemauth.emulator.pages.texts import TEXTS

TEMPLATES = Path(module.__file__).parent / "templates"


def test_values_are_escaped() -> None:
    """Markup in a value is shown as it is written."""
    html = pages.render(
        "answer", "en", app="<b>&", redirect_uri='http://localhost/?"', fields={"state": "<i>"}
    )
    assert "&lt;b&gt;&amp;" in html
    assert "<b>" not in html
    assert "<i>" not in html
    assert 'action="http://localhost/?&#34;"' in html


def test_a_missing_value_is_an_error() -> None:
    """A page is never shown with a hole in it."""
    with pytest.raises(UndefinedError):
        pages.render("answer", "en", app="Gem Notes")


def test_jinja_is_imported_with_the_first_page() -> None:
    """Starting the emulator does not pay for the templates (design decision 11)."""
    code = "import sys, gemauth.emulator.pages; sys.exit('jinja2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("template", sorted(TEMPLATES.glob("*.html")), ids=lambda path: path.name)
def test_templates_take_their_words_from_the_texts(template: Path) -> None:
    """Every text that a template names exists."""
    keys = re.findall(r"""\bt\("([a-z_.]+)"[,)]""", template.read_text(encoding="utf-8"))
    assert not set(keys) - TEXTS.keys()


def test_initials_and_tints() -> None:
    """What stands in for a picture depends on the name and the address only."""
    assert module._initials("Ada King Lovelace") == "AL"
    assert module._initials("grace") == "G"
    assert module._initials("") == ""
    assert module._tint("ada@example.com") == module._tint("ada@example.com")
    assert {module._tint(f"user{n}@example.com") for n in range(30)} == set(range(6))


def test_assets_are_shipped() -> None:
    """The style sheet and the icon are files of the package, without outside references."""
    assert "prefers-color-scheme: dark" in pages.asset("style.css")
    assert pages.asset("icon.svg").startswith("<svg")
    assert "://" not in pages.asset("style.css")
