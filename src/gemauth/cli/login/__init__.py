"""`gemauth login`: the command (`command.py`) and what it tells of a sign-in (`story.py`)."""

from __future__ import annotations

from gemauth.cli.login.command import COMMAND

__all__ = ["COMMAND"]
