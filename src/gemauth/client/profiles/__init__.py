"""Named sign-ins and keys, of which one is in use as the well-known ADC file (decision 0017)."""

from __future__ import annotations
