"""The Gemini API's schema: methods, messages, JSON and REST routes, for both sides. No I/O."""

from __future__ import annotations
