"""Keyrings as the package `keyring` takes them: one that works, and the ways in which others fail.

Named in PYTHON_KEYRING_BACKEND for a process, or given to `keyring.set_keyring` in this one.
"""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError


class Memory(KeyringBackend):
    """Keeps secrets as long as the test runs."""

    priority = 5.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # the package's
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        """Return what was kept."""
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep it."""
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        """Drop it."""
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError("No such password!")


class OnDisk(Memory):
    """Keeps secrets in a file, for more than one process: KEYRING_FILE."""

    def get_password(self, service: str, username: str) -> str | None:
        """Return what the file has."""
        self._load()
        return super().get_password(service, username)

    def set_password(self, service: str, username: str, password: str) -> None:
        """Write the file."""
        self._load()
        super().set_password(service, username, password)
        self._save()

    def delete_password(self, service: str, username: str) -> None:
        """Write the file."""
        self._load()
        super().delete_password(service, username)
        self._save()

    def _load(self) -> None:
        path = Path(os.environ["KEYRING_FILE"])
        there = json.loads(path.read_text()) if path.exists() else []
        self.kept = {(service, name): secret for service, name, secret in there}

    def _save(self) -> None:
        entries = [[*key, secret] for key, secret in self.kept.items()]
        Path(os.environ["KEYRING_FILE"]).write_text(json.dumps(entries))


class Repeating(Memory):
    """Refuses, and says what."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Repeat it as D-Bus had it."""
        raise RuntimeError(f"D-Bus refuses {password.encode().hex()}")


class Forgetful(Memory):
    """Takes everything and keeps nothing."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Do nothing, without an error."""


class Empty(Memory):
    """Keeps entries of no bytes."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep an entry, and nothing in it."""
        super().set_password(service, username, "")


class Sticky(Memory):
    """Deletes nothing, without an error."""

    def delete_password(self, service: str, username: str) -> None:
        """Do nothing."""


class Locked(Memory):
    """Is never unlocked, and says what it was given."""

    def get_password(self, service: str, username: str) -> str | None:
        """Refuse."""
        raise KeyringLocked("Failed to unlock the collection!")

    def set_password(self, service: str, username: str, password: str) -> None:
        """Refuse, with the secret in the message."""
        raise KeyringLocked(f"cannot keep {password}")


class Plain(Memory):
    """One that `keyring` itself does not recommend, such as a plain file."""

    priority = 0.5


class Hanging(Memory):
    """Waits for a dialogue that nobody answers, until the test ends."""

    def __init__(self) -> None:
        super().__init__()
        self.answered = threading.Event()
        self.wrote = threading.Event()

    def set_password(self, service: str, username: str, password: str) -> None:
        """Wait, and keep it after all."""
        self.answered.wait()
        super().set_password(service, username, password)

    def delete_password(self, service: str, username: str) -> None:
        """Tell the test."""
        super().delete_password(service, username)
        self.wrote.set()
