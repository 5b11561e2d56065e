"""Environment variables that turn programs away from the credentials in use (google-oauth.md 6.4).

Read by `gemauth status` and the doctor. Values are never told: two of them are secrets.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Shadow", "keys", "routes"]

# google-genai takes the first of the two (6.4).
_KEYS = ("GOOGLE_API_KEY", "GEMINI_API_KEY")
_ROUTES = {
    "GOOGLE_GENAI_USE_VERTEXAI": "google-genai calls Vertex AI instead of the Gemini API",
    "GOOGLE_GEMINI_BASE_URL": "google-genai sends its calls to the address that it names",
    "CLOUDSDK_CONFIG": "Python's libraries and gemauth look for the ADC file there, "
    "but Node's and Go's do not",
}


@dataclass(frozen=True, slots=True)
class Shadow:
    """What some variables do, and the command that ends it."""

    names: tuple[str, ...]
    message: str
    next_step: str


def keys(environ: Mapping[str, str]) -> Shadow | None:
    """Return what API keys in the environment shadow, or None where there are none."""
    names = tuple(name for name in _KEYS if environ.get(name))
    if not names:
        return None
    return Shadow(
        names,
        f"{_are(names)} set: SDKs send that API key, and not these credentials or both at once, "
        "which the API refuses.",
        f"unset {' '.join(names)}",
    )


def routes(environ: Mapping[str, str]) -> Shadow | None:
    """Return what other variables do to SDKs, or None where none is set."""
    set_ = (n for n in _ROUTES if environ.get(n, "").lower() not in {"", "0", "false"})
    # Who names the file itself need not agree on where to look for one.
    named = environ.get("GOOGLE_APPLICATION_CREDENTIALS")
    names = tuple(n for n in set_ if n != "CLOUDSDK_CONFIG" or not named)
    if not names:
        return None
    told = "; ".join(f"{name} is set: {_ROUTES[name]}" for name in names)
    return Shadow(names, f"{told}.", f"unset {' '.join(names)}")


def _are(names: tuple[str, ...]) -> str:
    return " and ".join(names) + (" is" if len(names) == 1 else " are")
