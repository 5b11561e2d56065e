"""What the emulator says at its start: where it listens, what it enforces, what was loosened.

Read by a person on stderr, or by a program as one line of JSON on stdout.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from gemauth.version import __version__

if TYPE_CHECKING:
    from gemauth.emulator.settings import Settings

__all__ = ["ENFORCED", "Started", "loosened"]

ENFORCED = (
    "scopes",
    "expiry",
    "revocation",
    "test users",
    "API enablement",
    "quota project",
    "roles",
)

# Each loosening is a setting with a long name (design decision 7), and what it means.
_LOOSENINGS = {
    "accept_standard_api_keys_on_tuned_models": "an API key that names only a project may use the "
    "project's own tuned models",
    "tunnel_other_hosts": "the proxy carries connections to hosts that are not Google's",
}


@dataclass(frozen=True, slots=True)
class Started:
    """An emulator that listens.

    Attributes:
        address: such as `http://127.0.0.1:8085`.
        pid: of its process.
        started: the moment, RFC 3339.
        settings: what it was told.
    """

    address: str
    pid: int
    started: str
    settings: Settings

    def to_json(self) -> dict[str, Any]:
        """Return the line for programs."""
        data = self.settings.data
        return {
            "address": self.address,
            "pid": self.pid,
            "started": self.started,
            "data": None if data is None else str(data),
            "enforced": list(ENFORCED),
            "loosened": list(loosened(self.settings)),
        }

    def to_text(self) -> str:
        """Return the banner for people, without a final newline."""
        data = self.settings.data
        where = "in memory, gone when it stops" if data is None else f"{data} (kept)"
        lines = [
            f"gemauth emulator {__version__} at {self.address}: a local Google, not Google.",
            f"  data      {where}",
            f"  enforced  {', '.join(ENFORCED)}",
            *(f"  LOOSENED  {name}: {text}" for name, text in loosened(self.settings).items()),
            "",
            "  Point programs at it:  export GEMAUTH_EMULATOR=" + self.address,
            "  Set it up:             gemauth emulator --help",
            "  Stop it:               Ctrl-C",
        ]
        return "\n".join(lines)


def loosened(settings: Settings) -> dict[str, str]:
    """Return the loosenings that are in force: their long names, and what each means."""
    names = [f.name for f in fields(settings) if getattr(settings, f.name) is True]
    return {name: _LOOSENINGS[name] for name in names}
