"""The whole refusal table."""

from __future__ import annotations

from tests.refusals import (
    rows_authorization,
    rows_callers,
    rows_cloud,
    rows_federation,
    rows_resources,
    rows_token,
)

__all__ = ["TABLE"]

TABLE = (
    *rows_callers.ROWS,
    *rows_resources.ROWS,
    *rows_token.ROWS,
    *rows_authorization.ROWS,
    *rows_cloud.ROWS,
    *rows_federation.ROWS,
)
