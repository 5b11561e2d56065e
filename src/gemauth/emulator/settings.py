"""What one emulator is told at its start: values only, no reading of the environment.

Every loosening has a long searchable name here and is printed at start (design decision 7).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Settings"]


@dataclass(frozen=True, slots=True)
class Settings:
    """Where an emulator listens and keeps its data.

    Args:
        data: folder of the database, made 0700; None keeps everything in memory.
        host: a loopback address; anything else is refused by the server.
        port: 0 takes any free one.
        seed: file to load once into an empty emulator.
        accept_standard_api_keys_on_tuned_models: whether a key that names a project, and no
            principal, may call tunedModels. Google has taken them since October 2024 and has
            announced their end for September 2026 (gemini-api.md section 2), so the default is
            the side on which no program passes here and fails there.
        tunnel_other_hosts: whether the proxy carries connections to hosts that are not Google's;
            Google's are never carried.
    """

    data: Path | None = None
    host: str = "127.0.0.1"
    port: int = 0
    seed: Path | None = None
    accept_standard_api_keys_on_tuned_models: bool = False
    tunnel_other_hosts: bool = False
