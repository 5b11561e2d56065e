"""Tokens: their text, how they are issued, checked and ended, and the keys that sign id tokens.

Owns: grants' tokens and signing keys. Does not own: who may ask for one (`authserver`), nor what a
good one allows (`iam`). Imports nothing here, so that a reader of one module pays for that one.
"""

from __future__ import annotations
