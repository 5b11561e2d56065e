"""What gemauth costs, measured against a bare Python start; never part of the tests."""

from __future__ import annotations
