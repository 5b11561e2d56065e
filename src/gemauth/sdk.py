"""`import gemauth.sdk`: the package `gemauth.client.sdk` under its public name."""

from __future__ import annotations

import sys

from gemauth.client import sdk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gemauth.client.sdk import *  # noqa: F403  # whatever is public there

sys.modules[__name__] = sdk
