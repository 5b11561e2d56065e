"""Every case, in the order of the table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.interop.clients import commands, gcloud, go, node, python

if TYPE_CHECKING:
    from tests.interop.clients.case import Case

__all__ = ["CASES"]

CASES: tuple[Case, ...] = (*python.CASES, *node.CASES, *go.CASES, *commands.CASES, *gcloud.CASES)
