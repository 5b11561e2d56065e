"""A program with official clients in it, whose calls to Google's own URLs end at the emulator.

The environment is the least that does it for `requests`: the emulator as HTTPS proxy, and its
certificate authority (google-oauth.md 9.4); `gemauth emulator run` sets more.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from tests.interop.local_google import Google

__all__ = ["Program"]


class Program:
    """Runs Python texts, which get their arguments as JSON and print their answer as JSON."""

    def __init__(self, google: Google, folder: Path) -> None:
        self._google = google
        self.folder = folder
        bundle = folder / "ca.pem"
        bundle.write_text(google.control.ca()["certificate"], encoding="ascii")
        hidden = {f"{name}_proxy" for name in ("http", "https", "no", "all", "grpc", "no_grpc")}
        kept = {k: v for k, v in os.environ.items() if k.lower() not in hidden}
        self.environ = {
            **kept,
            "HOME": str(folder),
            "HTTPS_PROXY": google.address,
            "NO_PROXY": "127.0.0.1,localhost,::1",
            "REQUESTS_CA_BUNDLE": str(bundle),
        }

    def run(self, text: str, **arguments: Any) -> Any:
        """Return what a program printed, and keep what the emulator saw of it in `seen`."""
        before = max((entry["number"] for entry in self._google.control.requests()), default=0)
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", text, json.dumps(arguments)],
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
            timeout=50,
        )
        assert done.returncode == 0, done.stderr
        self.seen = self._google.control.requests(after=before)
        return json.loads(done.stdout)

    def last(self, path_end: str) -> dict[str, Any]:
        """Return what was seen of the last request whose path ends so."""
        found = [entry for entry in self.seen if entry["path"].endswith(path_end)]
        assert found, [entry["path"] for entry in self.seen]
        return found[-1]
