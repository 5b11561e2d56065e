from __future__ import annotations

import base64
import os
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from gemauth.client import rsa_keys
from gemauth.client.cache.tokens import sha256
from gemauth.client.rsa_keys import notes, signer
from gemauth.errors import DataError
from tests.client.flows.test_assertion import pem

if TYPE_CHECKING:
    from pathlib import Path

RSA = rsa.generate_private_key(65537, 2048)
PEM = pem(RSA)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where notes are: not there yet."""
    return tmp_path / "gemauth" / "validated-keys"


@pytest.fixture
def validations(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The keys that were validated, in turn."""
    seen: list[str] = []
    real = rsa_keys._with_validation  # the costly half, which is what this is about

    def spy(text: str) -> rsa.RSAPrivateKey | None:
        seen.append(text)
        return real(text)

    monkeypatch.setattr(rsa_keys, "_with_validation", spy)
    return seen


def verify(signature: bytes) -> None:
    """See that RSA signed b"x"."""
    RSA.public_key().verify(signature, b"x", padding.PKCS1v15(), SHA256())


def test_validated_once(folder: Path, validations: list[str]) -> None:
    """The first process validates, the next do not; all sign alike."""
    for _ in range(3):
        verify(signer(PEM, "sa@x", str(folder))(b"x"))
    assert validations == [PEM]


def test_the_note(folder: Path) -> None:
    """It names the digest of the key's text, says nothing else, and is its owner's only."""
    before = os.umask(0)
    try:
        signer(PEM, "sa@x", str(folder))
    finally:
        os.umask(before)
    (note,) = folder.iterdir()
    assert (note.name, note.read_bytes()) == (sha256(PEM.encode()), b"")
    assert (note.stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == (0o600, 0o700)


def test_another_key(folder: Path, validations: list[str]) -> None:
    """A note is good for the bytes that it was made for."""
    signer(PEM, "sa@x", str(folder))
    signer(PEM + "\n", "sa@x", str(folder))
    assert validations == [PEM, PEM + "\n"]


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_note_that_others_may_write(folder: Path, validations: list[str], mode: int) -> None:
    """It counts for nothing."""
    signer(PEM, "sa@x", str(folder))
    (folder / sha256(PEM.encode())).chmod(mode)
    signer(PEM, "sa@x", str(folder))
    assert len(validations) == 2


def test_a_folder_that_others_may_write(folder: Path, validations: list[str]) -> None:
    """No note in it counts: anybody could have put one there."""
    signer(PEM, "sa@x", str(folder))
    folder.chmod(0o777)
    signer(PEM, "sa@x", str(folder))
    assert len(validations) == 2


def test_somebody_elses_note(
    folder: Path, validations: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither does one of another user's."""
    signer(PEM, "sa@x", str(folder))
    real = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: real + 1)
    signer(PEM, "sa@x", str(folder))
    assert len(validations) == 2


def test_a_link_for_a_note(folder: Path, validations: list[str], tmp_path: Path) -> None:
    """A link is not followed."""
    folder.mkdir(mode=0o700, parents=True)
    (tmp_path / "elsewhere").write_bytes(b"")
    (folder / sha256(PEM.encode())).symlink_to(tmp_path / "elsewhere")
    signer(PEM, "sa@x", str(folder))
    assert validations == [PEM]


def test_no_place_for_notes(tmp_path: Path, validations: list[str]) -> None:
    """Where none can be written, or none is wanted, the key is validated every time."""
    (tmp_path / "file").write_bytes(b"")
    for folder in (str(tmp_path / "file" / "x"), None):
        for _ in range(2):
            verify(signer(PEM, "sa@x", folder)(b"x"))
    assert len(validations) == 4
    assert notes({}) is None


@pytest.mark.parametrize(
    "text",
    [
        "no key",
        pem(ec.generate_private_key(ec.SECP256R1())),
        PEM.replace(PEM[200:210], "AAAAAAAAAA"),
    ],
)
def test_no_key(text: str, folder: Path) -> None:
    """What is no valid RSA key is refused, noted never, and not repeated."""
    with pytest.raises(DataError, match=r"sa@x cannot be read") as caught:
        signer(text, "sa@x", str(folder))
    assert text[:40] not in f"{caught.value!r}{caught.value}"
    assert not folder.exists()


def test_a_note_for_what_is_no_key(folder: Path) -> None:
    """A note that somebody forged makes no key of what is none."""
    folder.mkdir(mode=0o700, parents=True)
    (folder / sha256(b"no key")).touch(0o600)
    with pytest.raises(DataError):
        signer("no key", "sa@x", str(folder))


def der(tag: int, content: bytes) -> bytes:
    """One element of DER."""
    size = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes([tag]) + (bytes([0x80 | len(size)]) + size if size else b"\0") + content


def by_numbers(*numbers: int) -> str:
    """A key in PKCS #1, of whatever numbers."""
    integers = (der(2, number.to_bytes(number.bit_length() // 8 + 1, "big")) for number in numbers)
    body = base64.encodebytes(der(0x30, b"".join(integers))).decode()
    return f"-----BEGIN RSA PRIVATE KEY-----\n{body}-----END RSA PRIVATE KEY-----\n"


@pytest.mark.parametrize(
    "text",
    [
        by_numbers(0, 15, 3, 3, 3, 5, 1, 3, 2),  # an RSA key indeed, which can sign nothing
        by_numbers(0, 1, 1, 1, 1, 1, 1, 1, 1),
        by_numbers(0, 0, 3, 3, 0, 0, 0, 0, 0),
        by_numbers(0),
        "-----BEGIN RSA PRIVATE KEY-----\n\ud800\n-----END RSA PRIVATE KEY-----",
        PEM[:400],
        PEM[:400] + PEM[-60:],
    ],
)
@pytest.mark.parametrize("noted", [True, False])
def test_a_forged_note_of_a_bad_key(folder: Path, text: str, *, noted: bool) -> None:
    """A key that cannot sign ends in one sentence, whatever a note says of it."""
    folder.mkdir(mode=0o700, parents=True)
    if noted:
        (folder / sha256(text.encode(errors="surrogatepass"))).touch(0o600)
    with pytest.raises(DataError, match="sa@x cannot be read"):
        signer(text, "sa@x", str(folder))(b"x")


@pytest.mark.parametrize("content", [b"no note", b"\0" * 5000])
def test_what_a_note_says_counts_for_nothing(folder: Path, content: bytes) -> None:
    """Its name is the note: a key that is good signs, whatever somebody wrote there."""
    signer(PEM, "sa@x", str(folder))
    (folder / sha256(PEM.encode())).write_bytes(content)
    verify(signer(PEM, "sa@x", str(folder))(b"x"))


def test_pkcs1(folder: Path, validations: list[str]) -> None:
    """Keys in OpenSSL's older form are taken too."""
    old = RSA.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    ).decode()
    for _ in range(2):
        verify(signer(old, "sa@x", str(folder))(b"x"))
    assert len(validations) == 1
