from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st

from gemauth.oauth.rsa_private_key import numbers

KEY = rsa.generate_private_key(65537, 2048)
FORMATS = serialization.PrivateFormat


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, form: FORMATS) -> str:
    """Return a key's text."""
    encoding, none = serialization.Encoding.PEM, serialization.NoEncryption()
    return key.private_bytes(encoding, form, none).decode()


def wrapped(der: bytes, label: str = "PRIVATE KEY") -> str:
    """Return DER as PEM."""
    return f"-----BEGIN {label}-----\n{base64.b64encode(der).decode()}\n-----END {label}-----\n"


PKCS8 = KEY.private_bytes(serialization.Encoding.DER, FORMATS.PKCS8, serialization.NoEncryption())


@pytest.mark.parametrize("form", [FORMATS.PKCS8, FORMATS.TraditionalOpenSSL])
@pytest.mark.parametrize("size", [1024, 2048, 4096])
def test_the_numbers_are_cryptographys(form: FORMATS, size: int) -> None:
    """Of either form and every size: what cryptography reads, number for number."""
    key = KEY if size == 2048 else rsa.generate_private_key(65537, size)
    whole = key.private_numbers()
    public = whole.public_numbers
    expected = (public.n, public.e, whole.d, whole.p, whole.q, whole.dmp1, whole.dmq1, whole.iqmp)
    assert numbers(pem(key, form)) == expected
    assert numbers(pem(key, form).replace("\n", "\r\n")) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no key",
        "-----BEGIN PRIVATE KEY-----",
        "-----END PRIVATE KEY----------BEGIN PRIVATE KEY-----",
        wrapped(b""),
        wrapped(b"0"),
        wrapped(b"\x30\x80\x00\x00"),
        wrapped(PKCS8[:-1]),
        wrapped(PKCS8 + b"\0"),
        wrapped(PKCS8, "RSA PRIVATE KEY"),
        wrapped(PKCS8.replace(bytes.fromhex("2a864886f70d010101"), bytes(9))),
        wrapped(PKCS8).replace("M", "!", 1),
        pem(ec.generate_private_key(ec.SECP256R1()), FORMATS.PKCS8),
    ],
)
def test_what_is_none(text: str) -> None:
    """Other keys, cut or longer ones and no PEM at all are refused."""
    with pytest.raises(ValueError):  # the type is the fact
        numbers(text)


def test_encrypted() -> None:
    """A key under a password is none that can be read."""
    locked = KEY.private_bytes(
        serialization.Encoding.PEM,
        FORMATS.PKCS8,
        serialization.BestAvailableEncryption(b"x"),
    )
    with pytest.raises(ValueError, match="no PEM"):
        numbers(locked.decode())


@given(st.integers(0, len(PKCS8) - 1), st.integers(1, 255))
def test_a_changed_byte(place: int, change: int) -> None:
    """A key with any byte changed is refused as ValueError, or is another key of two primes."""
    changed = bytearray(PKCS8)
    changed[place] ^= change
    try:
        n, _, _, p, q, *_ = numbers(wrapped(bytes(changed)))
    except ValueError:
        return
    assert n == p * q
