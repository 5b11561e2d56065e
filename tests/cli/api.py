"""Runs API commands as the signed-in person of the stand-in."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from tests.cli.terminal import Terminal

if TYPE_CHECKING:
    from tests.cli.google import Google


def call(google: Google, *words: str, typed: str = "", tty: bool = False) -> Terminal:
    """Run a command with the person's credentials against the stand-in."""
    there = Terminal(typed, tty=tty, environ=os.environ)
    there.run(*words, "--credentials", google.credentials(), "--emulator", google.url)
    return there


def sent(google: Google) -> tuple[str, Any]:
    """The last request to the API: its line and its JSON body, None where there was none."""
    line, _, body = next(asked for asked in google.asked[::-1] if "/token" not in asked[0])
    return line, json.loads(body) if body else None


def refused(code: int, status: str, message: str, **details: Any) -> tuple[int, dict[str, Any]]:
    """The API's error envelope, as an answer of the stand-in."""
    error: dict[str, Any] = {"code": code, "status": status, "message": message}
    if details:
        info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", **details}
        error["details"] = [info]
    return code, {"error": error}
