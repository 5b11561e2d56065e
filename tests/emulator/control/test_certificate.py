from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.testclient import TestClient

from gemauth.clock import rfc3339
from gemauth.emulator import control
from gemauth.emulator.authority import Authority, fingerprint, spki_sha256

if TYPE_CHECKING:
    from pathlib import Path

    from tests.emulator.control.conftest import Room


def test_shown(room: Room) -> None:
    """The certificate, what identifies it, and its end; no key."""
    authority = room.context.authority
    answer = room.do("GET", "/ca")
    pem = authority.certificate_pem
    assert answer == {
        "certificate": pem,
        "sha256Fingerprint": fingerprint(pem),
        "spkiSha256": spki_sha256(pem),
        "notAfter": rfc3339(authority.not_after),
    }
    assert "PRIVATE" not in pem


def test_files_that_cannot_be_used(room: Room, tmp_path: Path) -> None:
    """A damaged file is named with the next step."""
    (tmp_path / "authority.pem").write_text("not a certificate")
    context = replace(room.context, authority=Authority(tmp_path))
    http = TestClient(Starlette(routes=control.routes(context)), base_url="http://127.0.0.1:8085")
    refused = http.get("/_emulator/v1/ca").json()["error"]
    assert refused["status"] == "FAILED_PRECONDITION"
    assert str(tmp_path / "authority.pem") in refused["message"]
    assert "delete" in refused["message"]
