"""`import gemauth.notebook`: the package `gemauth.client.notebook` under its public name."""

from __future__ import annotations

import sys

from gemauth.client import notebook

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gemauth.client.notebook import *  # noqa: F403  # whatever is public there

sys.modules[__name__] = notebook
