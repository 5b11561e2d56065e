"""The cases of clients in other languages, and of commands."""

from __future__ import annotations

from tests.interop.clients.case import Case, Seen

__all__ = ["CASES"]

CASES = (
    Case(
        "curl",
        "an API key",
        ("curl", "-sS", "https://generativelanguage.googleapis.com/v1beta/models?key={key}"),
        (Seen("GET", "/v1beta/models", credential="api_key", transport="http/1.1"),),
        prints=("models/gemini-2.5-flash",),
        options=("--no-credentials",),
    ),
)
