"""Sign-ins and keys that the tests of profiles keep, and the home they keep them in."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from gemauth.client.cache import adc
from gemauth.client.profiles import store
from gemauth.google.credentials import AuthorizedUser

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ADA = AuthorizedUser("1-x.apps.googleusercontent.com", "GOCSPX-a", "1//0ada", None, "ada@x.org")
BOB = AuthorizedUser("1-x.apps.googleusercontent.com", "GOCSPX-a", "1//0bob", None, "bob@x.org")
AGAIN = AuthorizedUser("1-x.apps.googleusercontent.com", "GOCSPX-a", "1//0a2", None, "ada@x.org")
EMULATED = AuthorizedUser("1-emu1.apps.googleusercontent.com", "GOCSPX-emu-x", "1//emu-x")


def put(path: Path, content: Any) -> bytes:
    """Write a credential file as another program does, and return its bytes."""
    raw = content if isinstance(content, bytes) else json.dumps(content.to_json()).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(raw)
    return raw


def profile(environ: Mapping[str, str], name: str, content: Any) -> bytes:
    """Make a profile, and return its bytes."""
    return put(store.place(environ, name), content)


def used(environ: Mapping[str, str]) -> bytes:
    """The bytes of the well-known ADC file."""
    return adc.well_known(environ).read_bytes()
