"""The numbers of an RSA private key in PEM: PKCS #8 (RFC 5958) or #1 (RFC 8017 appendix A.1.2).

As much of DER (X.690) as these two need, read strictly: what is longer, shorter or otherwise than
they say is no key. Whether the numbers make a good key is not asked here. Read by
`client/rsa_keys.py` for keys that have been validated before.
"""

from __future__ import annotations

import binascii

__all__ = ["numbers"]

_INTEGER, _OCTETS, _NULL, _OID, _SEQUENCE, _ATTRIBUTES = 0x02, 0x04, 0x05, 0x06, 0x30, 0xA0
_RSA = bytes.fromhex("2a864886f70d010101")  # rsaEncryption, 1.2.840.113549.1.1.1
_LABELS = ("PRIVATE KEY", "RSA PRIVATE KEY")


def numbers(pem: str) -> tuple[int, int, int, int, int, int, int, int]:
    """Return modulus, both exponents, both primes, their exponents and the coefficient.

    Raises:
        ValueError: the text is none of the two forms.
    """
    for label in _LABELS:
        begin, end = f"-----BEGIN {label}-----", f"-----END {label}-----"
        if begin in pem and end in pem:
            break
    else:
        raise ValueError("no PEM of a private key")
    text = pem.partition(begin)[2].partition(end)[0]
    der = binascii.a2b_base64("".join(text.split()), strict_mode=True)
    body = _only(der, _SEQUENCE)
    if label == _LABELS[0]:
        body = _only(_of_pkcs8(body), _SEQUENCE)
    found = []
    while body:
        number, body = _element(body, _INTEGER)
        found.append(int.from_bytes(number, "big"))
    version, n, e, d, p, q, dmp1, dmq1, iqmp = found  # another number of them: ValueError
    if version != 0 or p * q != n:
        raise ValueError("no RSA key of two primes")
    return n, e, d, p, q, dmp1, dmq1, iqmp


def _of_pkcs8(body: bytes) -> bytes:
    """Return what PKCS #8 wraps."""
    version, body = _element(body, _INTEGER)
    algorithm, body = _element(body, _SEQUENCE)
    identifier, parameters = _element(algorithm, _OID)
    key, attributes = _element(body, _OCTETS)
    if attributes:
        _, attributes = _element(attributes, _ATTRIBUTES)
    if version != b"\0" or identifier != _RSA or _only(parameters, _NULL) or attributes:
        raise ValueError("no PKCS #8 of an RSA key")
    return key


def _only(data: bytes, tag: int) -> bytes:
    content, rest = _element(data, tag)
    if rest:
        raise ValueError("more than one element")
    return content


def _element(data: bytes, tag: int) -> tuple[bytes, bytes]:
    """Return the first element's content and what follows it."""
    if len(data) < 2 or data[0] != tag:
        raise ValueError("another element")
    length, start = data[1], 2
    if length & 0x80:
        start = 2 + (length & 0x7F)
        length = int.from_bytes(data[2:start], "big")
    if not 2 < start + 1 <= 6 or start + length > len(data):
        raise ValueError("a length that is none")
    return data[start : start + length], data[start + length :]
