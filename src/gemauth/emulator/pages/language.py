"""The language of a person's pages: `hl` first, then Accept-Language (RFC 9110 section 12.5.4)."""

from __future__ import annotations

from typing import Literal

__all__ = ["LANGUAGES", "Language", "choose"]

Language = Literal["en", "zh-TW"]
LANGUAGES: tuple[Language, ...] = ("en", "zh-TW")


def choose(hl: str | None, accept_language: str | None) -> Language:
    """Return the language for a `hl` parameter and an Accept-Language header; English by default.

    Every Chinese reads the traditional pages: they are nearer to a reader of simplified
    characters than English is.
    """
    for tag in (hl or "", *_ranked(accept_language or "")):
        primary = tag.strip().lower().partition("-")[0]
        if primary == "zh":
            return "zh-TW"
        if primary == "en":
            return "en"
    return "en"


def _ranked(accept_language: str) -> list[str]:
    ranges: list[tuple[float, str]] = []
    for item in accept_language[:500].split(","):
        tag, _, parameter = item.partition(";")
        try:
            weight = float(parameter.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
        if weight > 0:
            ranges.append((-weight, tag))
    ranges.sort(key=lambda entry: entry[0])  # stable: the first of equals stays first
    return [tag for _, tag in ranges]
