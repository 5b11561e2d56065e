"""The emulator as a process: its lock, its socket, its guard, its banner, its end.

Owns: the loopback listener and what is refused before a room sees it, the data folder's lock and
`emulator.json`. Does not own: any answer of Google's (the rooms). Nothing is imported here.
"""

from __future__ import annotations
