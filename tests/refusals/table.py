"""The whole refusal table."""

from __future__ import annotations

from tests.refusals import rows_gemini

__all__ = ["TABLE"]

TABLE = (*rows_gemini.ROWS,)
