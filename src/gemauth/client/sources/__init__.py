"""Where credentials come from, and the tokens that each kind of them yields."""

from __future__ import annotations
