"""OAuth for the Gemini API, end to end, and a local Google to run it against."""

from __future__ import annotations

__version__ = "0.1.0.dev0"
