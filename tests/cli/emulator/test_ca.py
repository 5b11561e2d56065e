from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from gemauth.emulator.authority import spki_sha256

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.emulator.conftest import Desk


def test_printed(desk: Desk) -> None:
    """Standard output is the certificate alone; what identifies it is said beside it."""
    shown = desk.run("ca")
    assert shown.out == desk.emulator.context.authority.certificate_pem
    ssl.create_default_context(cadata=shown.out)
    assert spki_sha256(shown.out) in shown.err


def test_json(desk: Desk) -> None:
    """Programs get the hashes and the end too."""
    answer = desk.run("ca", "--format", "json").json
    assert set(answer) == {"certificate", "sha256Fingerprint", "spkiSha256", "notAfter"}
    assert answer["spkiSha256"] == spki_sha256(answer["certificate"])


def test_written(desk: Desk, home: Path) -> None:
    """A file that is there stays, unless told otherwise."""
    file = home / "ca.pem"
    assert desk.run("ca", "--output", str(file)).out == f"{file}\n"
    pem = file.read_text()
    assert pem == desk.emulator.context.authority.certificate_pem
    file.write_text("mine")
    desk.run("ca", "--output", str(file), code=2)
    assert file.read_text() == "mine"
    desk.run("ca", "--output", str(file), "--overwrite")
    assert file.read_text() == pem
