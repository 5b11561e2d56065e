"""The cases of clients in Python."""

from __future__ import annotations

from tests.interop.clients.case import Case, Seen

__all__ = ["CASES"]

_MODELS = Seen(
    "GET",
    "/v1beta/models",
    credential="user",
    principal="ada@example.com",
    transport="http/1.1",
)

CASES = (
    Case(
        "google-auth",
        "requests, a person's credentials",
        ("{python}", "{programs}/google_auth_requests.py"),
        (_MODELS,),
        prints=("models/gemini-2.5-flash",),
    ),
)
