"""Colab's secrets: here the files of the folder that COLAB_SECRETS names."""

from __future__ import annotations

import os
from pathlib import Path


def get(key: str) -> str:
    """Return a secret."""
    return Path(os.environ["COLAB_SECRETS"], key).read_text(encoding="utf-8")
