"""The folder of one run: everything that its program is pointed at, gone when the run ends.

    ca.pem, bundle.pem, truststore.p12     what to trust (`bundle.py`)
    preload/python/, preload/node/         what Python and Node load at their start (`preload/`)
    bin/gemauth-browser, bin/gcloud        first on PATH
    adc.json, client_secret.json           credentials (`world.py`)
    gcloud/                                CLOUDSDK_CONFIG, so that the person's own is not touched

Readable by its owner only. Source: interception.md sections 5 and 6.
"""

from __future__ import annotations

import json
import shlex
import shutil
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gemauth.errors import DataError
from gemauth.run import preload
from gemauth.run.bundle import bundle, trust_store

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Folder", "run_folder"]


@contextmanager
def _written() -> Iterator[None]:
    """Have the system's refusal to write told as what it is.

    Raises:
        DataError: it refuses.
    """
    try:
        yield
    except OSError as error:
        raise DataError(
            f"The run's folder cannot be written: {error.strerror or error}.",
            next_step="Make room where temporary files go, or set TMPDIR to another folder.",
        ) from error


class Folder:
    """A run's folder, to be filled.

    Every method raises DataError where the system does not let it be written.
    """

    @_written()
    def __init__(self, path: Path) -> None:
        self.path = path
        (path / "bin").mkdir()
        (path / "gcloud").mkdir()

    @_written()
    def trust(self, authority: str, system: Path | None, *, java: bool) -> None:
        """Write what the program trusts; Java's own form only where there is a Java.

        Raises:
            DataError: the system's certificates cannot be read, or ours not written.
        """
        everything = bundle(authority, None if system is None else _known(system))
        (self.path / "ca.pem").write_text(authority, encoding="ascii")
        (self.path / "bundle.pem").write_text(everything, encoding="utf-8")
        if java:
            (self.path / "truststore.p12").write_bytes(trust_store(everything))

    @_written()
    def preloads(self, address: tuple[str, int]) -> None:
        """Write what Python and Node load at their start."""
        preload.write(self.path / "preload", address, self.path / "ca.pem")

    @_written()
    def command(self, name: str, module: str, python: str = sys.executable) -> None:
        """Put a command into bin/ that runs a module of ours, whatever environment it is in."""
        script = self.path / "bin" / name
        script.write_text(
            f'#!/bin/sh\nexec {shlex.quote(python)} -P -m {module} "$@"\n', encoding="utf-8"
        )
        script.chmod(0o700)

    @_written()
    def secret(self, name: str, content: Mapping[str, Any]) -> Path:
        """Write a file that holds a secret, as JSON; return its path."""
        path = self.path / name
        path.touch(0o600)
        path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
        return path


@contextmanager
def run_folder() -> Iterator[Folder]:
    """Lend a new folder (0700); at the end it is removed with all that the program left there.

    Raises:
        DataError: the system does not let it be made.
    """
    with _written():
        path = Path(tempfile.mkdtemp(prefix="gemauth-run-")).resolve()
    try:
        yield Folder(path)
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _known(system: Path) -> str:
    try:
        return system.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise DataError(
            f"{system}, the certificates to trust, cannot be read: {error.strerror}.",
            next_step="Unset the variable that names it: SSL_CERT_FILE, REQUESTS_CA_BUNDLE, "
            "CURL_CA_BUNDLE.",
        ) from error
