"""The command: thin modules that parse, call the library and print; none knows the protocol."""

from __future__ import annotations
