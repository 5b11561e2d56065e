"""What to set beside ready-made credentials at a plain emulator, so that nothing reaches Google.

google-oauth.md 9.3: the emulator is everybody's HTTPS proxy, and what it does not refuse ends in a
certificate that the program has not been told to trust. `gemauth emulator credentials` shows it.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from gemauth.run.environment import through

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["exports", "guard"]


def guard(
    address: str, credentials: Path, project: str, quota_project: str | None = None
) -> dict[str, str]:
    """Return the variables to set, to be used together.

    Args:
        address: the emulator's, such as `http://127.0.0.1:8085`.
        credentials: the credential file.
        project: its id, which no client then has to ask Google for.
        quota_project: counts the calls, where the file cannot say it (a key).
    """
    variables = {
        **through(address),
        "GOOGLE_APPLICATION_CREDENTIALS": str(credentials.absolute()),
        "GOOGLE_CLOUD_PROJECT": project,
        # Else a certificate of the machine's sends some calls to another host (…mtls…).
        "GOOGLE_API_USE_CLIENT_CERTIFICATE": "false",
    }
    if quota_project is not None:
        variables["GOOGLE_CLOUD_QUOTA_PROJECT"] = quota_project
    return variables


def exports(variables: Mapping[str, str]) -> str:
    """Return the lines that set variables in a POSIX shell."""
    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in variables.items())
