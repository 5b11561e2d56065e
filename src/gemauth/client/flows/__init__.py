"""Protocol runs as generators: each yields what it needs of the world and returns its result."""

from __future__ import annotations
