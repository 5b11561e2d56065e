"""`gemauth login`: the command, its options (`options.py`) and what it tells (`story.py`)."""

from __future__ import annotations

from gemauth.cli.login.command import COMMAND

__all__ = ["COMMAND"]
