"""What a test may see of the machine: nothing of the developer's, and no network but loopback.

`conftest.py` applies it to every test; `clean_environment` also serves tests that start a process
with an environment of their own.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.guard import outbound

if TYPE_CHECKING:
    from collections.abc import Mapping

GUARD = Path(__file__).resolve().parent / "guard"
"""The folder whose sitecustomize.py guards a Python child process; for its PYTHONPATH."""

_HOMES = {
    "HOME": "",
    "USERPROFILE": "",
    "APPDATA": "AppData/Roaming",
    "LOCALAPPDATA": "AppData/Local",
    "CLOUDSDK_CONFIG": ".config/gcloud",
    "XDG_CACHE_HOME": ".cache",
    "XDG_CONFIG_HOME": ".config",
    "XDG_DATA_HOME": ".local/share",
    "XDG_RUNTIME_DIR": ".runtime",
    "XDG_STATE_HOME": ".local/state",
}
"""Variables that lead to a person's own files, and where each points below the test's home."""

_REMOVED = re.compile(
    r"""
      GOOGLE_.* | GEMINI_.* | GEMAUTH_.* | CLOUDSDK_.* | GCLOUD_.* | GCE_.* | NO_GCE_CHECK
    | .*_PROXY                                  # a proxy would be asked, on loopback or not
    | GRPC_.* | SSL_CERT_(FILE|DIR) | (REQUESTS|CURL)_CA_BUNDLE | SSLKEYLOGFILE
    | BROWSER | DISPLAY | WAYLAND_DISPLAY       # no test opens the developer's browser
    | PYTHONWARNINGS | PYTHONHOME
    | NO_COLOR | FORCE_COLOR | CLICOLOR.* | COLUMNS | LINES   # what the terminal looks like
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""Variables that would steer gemauth, an SDK or a transport."""


def clean_environment(environ: Mapping[str, str], home: Path, log: Path) -> dict[str, str]:
    """Return `environ` as a test may see it: with `home` for a home, and its children guarded.

    `log` is the file to which guarded child processes write what they tried to reach.
    """
    clean = {name: value for name, value in environ.items() if not _REMOVED.fullmatch(name)}
    clean |= {name: str(home / below) for name, below in _HOMES.items()}
    clean["PYTHONPATH"] = str(GUARD)
    clean[outbound.LOG] = str(log)
    return clean


class Outbound:
    """Every attempt to leave loopback, of this process and its guarded children, told once."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.attempts: list[str] = []
        self._told = 0

    def install(self) -> None:
        """Install the guard in this process, for good."""
        outbound.install(self.attempts)

    def untold(self) -> list[str]:
        """Return the attempts since the last call, oldest first within each process."""
        news, self.attempts[:] = list(self.attempts), []
        try:
            size = self.log.stat().st_size
        except FileNotFoundError:
            return news
        if size > self._told:
            with self.log.open("rb") as file:
                file.seek(self._told)
                written = file.read()
            self._told += len(written)
            news += written.decode(errors="replace").splitlines()
        return news


def new_folder() -> Path:
    """Return a new folder outside the developer's home, for one run of the tests."""
    return Path(tempfile.mkdtemp(prefix="gemauth-tests-")).resolve()
