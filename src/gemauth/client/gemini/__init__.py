"""The typed client of the Gemini API: `Gemini`, and `AsyncGemini` on an event loop.

client.py      the two clients; a family of the API is loaded when it is first used
flows/         the operations, written once as flows: one module per family
models.py …    what people call, sync and async: generated from flows/ by `make facades`
session.py     what runs the flows
"""

from __future__ import annotations

from gemauth.client.gemini.client import AsyncGemini, Gemini

__all__ = ["AsyncGemini", "Gemini"]
