"""What developers run; nothing of it is shipped."""

from __future__ import annotations
