"""Access tokens on disk, in plain lines, readable at interpreter speed (design decision 11).

    from gemauth.client.cache.tokens import cached
    token = cached(os.environ, time.time())    # str | None; the default ADC file, default scopes

Reading imports nothing but os and the digest's own C module, so that printing a cached token
costs little more than Python's start. An entry belongs to the exact bytes of a credential file:
another sign-in, another key or another emulator finds nothing.

    gemauth access token 2
    1795550000                       its end, epoch seconds
    1795546401                       when it was asked for, or an empty line
    ya29.…
    https://www.googleapis.com/…     its scopes, space-separated, or an empty line
"""

from __future__ import annotations

import os
import sys

from gemauth.client.cache.places import PROFILE_VARIABLE, adc_path, own_folder, profile_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gemauth.client.token import AccessToken

__all__ = [
    "cached",
    "credential_file",
    "entry",
    "forget",
    "forget_all",
    "good",
    "keep",
    "lookup",
    "sha256",
    "store",
]

HEADER = "gemauth access token 2"
EARLY, SKEW = 225.0, 60.0  # token.EARLY and token.SKEW, for the fast path; a test holds them equal
_TYPE, _REGULAR = 0o170000, 0o100000  # stat.S_IFMT and S_IFREG, which `os` does not have
OLD = 86_400.0  # seconds after which an entry nobody renewed is deleted


def cached(
    environ: Mapping[str, str],
    now: float,
    *,
    credentials: str | None = None,
    profile: str | None = None,
    scopes: Sequence[str] = (),
    emulator: str | None = None,
) -> str | None:
    """Return the cached token of a credential file, or None where there is no usable one.

    Never an error: whoever gets None takes the long way (`sources.chain`), which explains.

    Args:
        environ: the environment variables.
        now: epoch seconds.
        credentials: the file; None takes the profile's, without one
            GOOGLE_APPLICATION_CREDENTIALS, then the ADC place.
        profile: its name; None takes GEMAUTH_PROFILE.
        scopes: full scope URLs, as they were asked for; empty for the default ones.
        emulator: its address; None takes GEMAUTH_EMULATOR.
    """
    found = credential_file(environ, credentials=credentials, profile=profile, emulator=emulator)
    if found is None:
        return None
    place = entry(environ, found[0], scopes, found[1])
    return None if place is None else good(place, now)


def credential_file(
    environ: Mapping[str, str],
    *,
    credentials: str | None = None,
    profile: str | None = None,
    emulator: str | None = None,
) -> tuple[bytes, str] | None:
    """Return the bytes of the credential file, and the emulator's address or an empty text.

    None where there is none that can be read; the arguments are those of `cached`.
    """
    profile = profile or environ.get(PROFILE_VARIABLE)
    if credentials:
        path: str | None = credentials
    elif profile:
        path = profile_path(environ, profile)
    else:
        path = environ.get("GOOGLE_APPLICATION_CREDENTIALS") or adc_path(environ)
    address = emulator or environ.get("GEMAUTH_EMULATOR") or ""
    if path is None:
        return None
    try:
        if os.stat(path).st_mode & _TYPE != _REGULAR:  # noqa: PTH116  # pathlib costs 4 ms
            return None  # a pipe can be read only once, and the long way may have to
        with open(path, "rb") as file:  # noqa: PTH123  # as above
            return file.read(), address.rstrip("/")
    except (OSError, ValueError):
        return None


def good(place: str, now: float) -> str | None:
    """Return an entry's token, or None where there is no usable one."""
    found = _read(place)
    if found is None or now >= found[0] - EARLY or (found[1] and now < found[1] - SKEW):
        return None
    return found[2]


def entry(
    environ: Mapping[str, str],
    credential: bytes,
    scopes: Sequence[str],
    address: str,
    how: str = "",
) -> str | None:
    """Return the path of a credential's entry, or None where the environment names no home.

    It ends in what all entries of the same credential end in, by which `forget_all` finds them.

    Args:
        environ: the environment variables.
        credential: the credential file's bytes.
        scopes: full scope URLs, as they were asked for.
        address: the emulator's, without a slash at its end; empty for Google.
        how: what else makes the token another one (whom it acts as, how it was made).
    """
    folder = own_folder(environ)
    if folder is None:
        return None
    parts = (credential, " ".join(scopes).encode(), address.encode(), how.encode())
    # Lengths in front, so that no two different keys are one text.
    text = b"".join(b"%d:%s" % (len(part), part) for part in parts)
    return f"{folder}/tokens/{sha256(text)}{_owner(credential)}"


def lookup(place: str) -> AccessToken | None:
    """Return an entry's token, usable or not, or None where there is none that can be read."""
    from gemauth.client.token import AccessToken

    found = _read(place)
    if found is None:
        return None
    expires_at, issued_at, value, scopes = found
    return AccessToken(value, expires_at, tuple(scopes.split()), issued_at or None)


def store(place: str, token: AccessToken) -> None:
    """Keep a token; old entries beside it are deleted.

    Raises:
        DataError: it cannot be written.
    """
    if token.expires_at is not None:
        keep(place, token.value, token.expires_at, token.scopes, token.issued_at)


def keep(
    place: str, value: str, expires_at: float, scopes: Sequence[str], issued_at: float | None
) -> None:
    """Do the same with plain values: `AccessToken`'s."""
    from contextlib import suppress
    from pathlib import Path

    from gemauth.client.cache.files import delete, write_private

    path = Path(place)
    times = (str(int(expires_at)), "" if issued_at is None else str(int(issued_at)))
    with suppress(OSError):
        if path.is_symlink():  # in our own folder: the link goes, what it leads to stays as it is
            delete(path)
    write_private(path, "\n".join((HEADER, *times, value, " ".join(scopes), "")).encode())
    try:
        written = path.stat().st_mtime
        others = [*path.parent.iterdir()]
    except OSError:  # another process has deleted it
        return
    for other in others:
        try:
            if other.stat().st_mtime < written - OLD:
                other.unlink()
        except OSError:  # another process was first
            continue


def forget(place: str) -> None:
    """Delete an entry, if there is one.

    Raises:
        DataError: it cannot be deleted.
    """
    from pathlib import Path

    from gemauth.client.cache.files import delete

    delete(Path(place))


def forget_all(environ: Mapping[str, str], credential: bytes) -> int:
    """Delete every token that was made with a credential, and return how many there were.

    Whatever their scopes, whomever they act as, whichever emulator they are for; also what a
    process that was killed while it stored one has left.

    Raises:
        DataError: one cannot be deleted; the others are.
    """
    from pathlib import Path

    from gemauth.client.cache.files import delete
    from gemauth.errors import DataError

    folder = own_folder(environ)
    ours = _owner(credential)
    try:
        entries = [] if folder is None else [*Path(folder, "tokens").iterdir()]
    except OSError:  # there is none
        return 0
    count, problem = 0, None
    for place in entries:
        if place.name.endswith(ours) or (place.name.startswith(".") and f"{ours}." in place.name):
            try:
                count += delete(place)
            except DataError as error:
                problem = error
    if problem is not None:
        raise problem
    return count


def _owner(credential: bytes) -> str:
    """Return how the names of a credential's entries end; the digest gives nothing away."""
    return f".{sha256(credential)[:16]}"


def _read(place: str) -> tuple[float, float, str, str] | None:
    """Return an entry's end, begin (0.0 where unknown), token and scopes, or None for no entry."""
    try:
        with open(place, encoding="utf-8", opener=_at_once) as file:
            if os.fstat(file.fileno()).st_mode & _TYPE != _REGULAR:
                return None
            header, end, begin, token, scopes, rest = file.read().split("\n")
        times = float(end), float(begin or 0)
    except (OSError, ValueError):
        return None
    return (*times, token, scopes) if header == HEADER and token and not rest else None


def _at_once(place: str, flags: int) -> int:
    """Open a file, and wait for nobody at the other end of a pipe; Windows knows no such flag."""
    return os.open(place, flags | getattr(os, "O_NONBLOCK", 0))


def sha256(data: bytes) -> str:
    """Return a digest in hexadecimal, by the interpreter's own module: hashlib takes 8 ms."""
    try:
        if sys.version_info >= (3, 12):  # looking in vain is not free either
            from _sha2 import sha256 as function
        else:
            from _sha256 import sha256 as function  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        from hashlib import sha256 as function
    digest: str = function(data).hexdigest()
    return digest
