"""Templates into HTML: Jinja2 with autoescape, strict about missing values, loaded at first use."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from gemauth.emulator.pages.texts import text
from gemauth.google import scopes

if TYPE_CHECKING:
    from jinja2 import Environment

    from gemauth.emulator.pages.language import Language

__all__ = ["asset", "render"]

_FOLDER = Path(__file__).parent


def render(page: str, language: Language, **values: object) -> str:
    """Return a page's HTML.

    Args:
        page: a template's name without its suffix, such as `consent`.
        language: of the texts.
        values: what the template shows; everything is escaped.

    Raises:
        jinja2.UndefinedError: the template needs a value that was not given.
    """

    def t(key: str, **parts: object) -> str:
        return text(key, language).format(**parts)

    return (
        _templates().get_template(f"{page}.html").render(values, t=t, language=language, page=page)
    )


@cache
def asset(name: str) -> str:
    """Return a file that the pages load, `style.css` or `icon.svg`."""
    return (_FOLDER / name).read_text(encoding="utf-8")


@cache
def _templates() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters["initials"] = _initials
    environment.filters["short"] = scopes.short
    environment.filters["tint"] = _tint
    return environment


def _initials(name: str) -> str:
    """Return the first letters of a name's first and last word: what stands in for a picture."""
    words = name.split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


def _tint(key: str) -> int:
    """Return one of the style sheet's six tints, always the same for a key."""
    return sum(key.encode()) % 6
