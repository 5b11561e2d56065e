"""The private keys of service accounts: validated once on a machine, loaded fast thereafter.

OpenSSL's validation of an RSA key (are the primes prime?) takes 48 ms, signing with it 0.4 ms. So a
key that has passed is noted by the SHA-256 of its text, and the next process that meets the same
text loads it without (`unsafe_skip_rsa_key_validation`, which cryptography offers for keys that are
known to be good).

The note is an empty file of that name in gemauth's own folder, 0600 in a folder 0700. It counts
only while file and folder belong to who runs this and nobody else may write there. Whoever can
write there all the same can read and replace that person's credentials and cached tokens anyway,
and wins little: a forged note lets a broken key of the forger's own making be used, whose
signatures give away nothing but that key. A note holds for the same bytes only, and a key that does
not load without validation is validated again.

Used by `client/sources/service_account.py` and by `client/short_way.py`.
"""

from __future__ import annotations

import os

from gemauth.client.cache.places import own_folder
from gemauth.client.cache.tokens import sha256
from gemauth.errors import DataError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    Sign = Callable[[bytes], bytes]

__all__ = ["notes", "signer"]

_TYPE, _REGULAR, _FOLDER = 0o170000, 0o100000, 0o040000  # stat(2); `os` has no names for them
_OTHERS_WRITE = 0o022
_SHORTEST = 512  # bits; RS256 signs 51 bytes and at least 11 more (RFC 8017 section 9.2)


def notes(environ: Mapping[str, str]) -> str | None:
    """Return the folder of the notes, or None where the environment names no home."""
    folder = own_folder(environ)
    return None if folder is None else os.path.join(folder, "validated-keys")  # noqa: PTH118  # pathlib costs 4 ms


def signer(pem: str, account: str, folder: str | None = None) -> Sign:
    """Return the function that signs with a private key (RS256).

    Args:
        pem: the key's text, as a key file has it.
        account: whose it is, for an error.
        folder: of the notes; None validates the key and notes nothing.

    Raises:
        DataError: it is no RSA key that can be read, or no valid one.
    """
    from gemauth.oauth import jwt

    return jwt.signer(_load(pem, account, folder))


def _load(pem: str, account: str, folder: str | None) -> RSAPrivateKey:
    text = pem.encode(errors="surrogatepass")  # JSON can write what is no text at all
    note = None if folder is None else f"{folder}/{sha256(text)}"
    if note is not None and folder is not None and _ours(folder, _FOLDER) and _ours(note, _REGULAR):
        key = _without_validation(pem)
        if key is not None:
            return key
    key = _with_validation(pem)
    if key is None:
        # Nothing of the parser's text: it may repeat parts of the key.
        raise DataError(
            f"The private key of {account} cannot be read as an RSA key in PEM.",
            next_step="Download a new key for the service account.",
        )
    if note is not None:
        _write(note)
    return key


def _with_validation(pem: str) -> RSAPrivateKey | None:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, RSAPrivateKey) and key.key_size >= _SHORTEST else None


def _without_validation(pem: str) -> RSAPrivateKey | None:
    """Return a key by its numbers: cryptography's PEM reader loads its SSH formats too, 17 ms."""
    from cryptography.hazmat.primitives.asymmetric import rsa

    from gemauth.oauth.rsa_private_key import numbers

    try:
        n, e, d, p, q, dmp1, dmq1, iqmp = numbers(pem)
        whole = rsa.RSAPrivateNumbers(p, q, d, dmp1, dmq1, iqmp, rsa.RSAPublicNumbers(e, n))
        key = whole.private_key(unsafe_skip_rsa_key_validation=True)
    except ValueError:
        return None
    return key if key.key_size >= _SHORTEST else None


def _ours(path: str, kind: int) -> bool:
    """Whether a file or folder is there, is this user's, and nobody else may write to it."""
    try:
        found = os.lstat(path)
    except OSError:
        return False
    if found.st_mode & _TYPE != kind:
        return False
    if not hasattr(os, "geteuid"):  # Windows: the profile's folder is its user's
        return True
    return found.st_uid == os.geteuid() and not found.st_mode & _OTHERS_WRITE


def _write(note: str) -> None:
    """Note a key; where that cannot be, it is validated the next time too."""
    from pathlib import Path

    from gemauth.client.cache.files import write_private

    try:
        write_private(Path(note), b"")
    except DataError:
        return
