"""gemauth's version: the build, the command and the emulator's banner read it here."""

from __future__ import annotations

__version__ = "0.1.0.dev0"
