"""Every case, in the order of the table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.interop.clients import other, python

if TYPE_CHECKING:
    from tests.interop.clients.case import Case

__all__ = ["CASES"]

CASES: tuple[Case, ...] = (*python.CASES, *other.CASES)
