"""git's and Docker's credential helpers: a host in, a user name and an access token out.

Both give their programs the action as an argument (`get`, `store`, `erase`; Docker also `list`) and
the rest on standard input: git lines of `name=value` (gitcredentials(7), git-credential(1)), Docker
the registry's address alone (docker-credential-helpers). Google's registries take the user name
`oauth2accesstoken` with any access token; its git hosts take any name.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from gemauth.errors import DataError

__all__ = ["NOT_FOUND", "Question", "question"]

USER = "oauth2accesstoken"
NOT_FOUND = "credentials not found in native keychain"
"""What Docker recognises, on standard output with exit code 1."""

_GIT = ("source.developers.google.com", ".googlesource.com", ".sourcemanager.dev")
_ADDRESS = re.compile(r"([A-Za-z0-9.-]+)(?::[0-9]+)?(?:/[A-Za-z0-9./_-]*)?")
_DOCKER = ("gcr.io", ".gcr.io", ".pkg.dev")


@dataclass(frozen=True, slots=True)
class Question:
    """What a program asks for.

    Args:
        docker: whether Docker asks, or git.
        host: where the token would go; empty where that is in the clear.
    """

    docker: bool
    host: str

    @property
    def is_googles(self) -> bool:
        """Whether the host takes Google's tokens; none is given for any other."""
        names = _DOCKER if self.docker else _GIT
        return any(
            self.host.endswith(name) if name.startswith(".") else self.host == name
            for name in names
        )

    def answer(self, token: str) -> str:
        """Return what the program reads."""
        if self.docker:
            return json.dumps({"ServerURL": self.host, "Username": USER, "Secret": token}) + "\n"
        return f"username={USER}\npassword={token}\n"


def question(text: str) -> Question:
    """Return what standard input asks for.

    Raises:
        DataError: it is neither program's.
    """
    # At newlines alone: a user name out of an address may hold a blank and host=… after it.
    lines = [line for line in text.split("\n") if line.strip()]
    if lines and all("=" in line for line in lines):
        fields = dict(line.split("=", 1) for line in lines)
        secure = fields.get("protocol") == "https"
        return Question(docker=False, host=_host(fields.get("host", "")) if secure else "")
    if len(lines) == 1 and len(text.split()) == 1:
        address = lines[0].strip()
        secure = not address.startswith("http://")
        address = address.removeprefix("https://")
        return Question(docker=True, host=_host(address) if secure else "")
    raise DataError(
        "Standard input is neither git's question nor Docker's.",
        next_step="Let git or docker call it: see gemauth help credential-helper",
    )


def _host(address: str) -> str:
    """Return an address's host, or nothing where programs may disagree on what that is."""
    found = _ADDRESS.fullmatch(address)
    return "" if found is None else found[1].lower()
