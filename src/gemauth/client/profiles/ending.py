"""The end of a sign-in or key on this machine: whatever leads to it goes, and nothing else."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from gemauth.client.cache import files, grants, keyring, tokens
from gemauth.client.profiles import copies, store
from gemauth.errors import DataError, GemauthError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["forget", "forget_replaced"]


def forget(
    environ: Mapping[str, str], path: Path, raw: bytes | None = None
) -> tuple[tuple[Path, ...], GemauthError | None]:
    """Delete a sign-in or key from this machine: its file, every copy, its keyring entry, tokens.

    The grant itself lives on until it is revoked. Another one that has come into the file meanwhile
    stays.

    Args:
        environ: the environment variables.
        path: its file.
        raw: the file's bytes, as they were when its end began; None reads them now.

    Returns:
        The files that are gone, and why another one is not (the others are all the same): a
        `DataError` of the system's, or a `KeyringError`, since the secrets may be in the keyring
        still, and the file that points there is kept.

    Raises:
        DataError: the file itself cannot be read.
        UsageError: another process has been changing profiles for too long.
    """
    with store.alone(environ):
        raw = files.read(path) if raw is None else raw
        if raw is None:
            return (), None
        gone, problem = _delete_copies(environ, path, raw)
        with suppress(DataError):  # told already, where a file had these bytes
            tokens.forget_all(environ, raw)
        for other in gone:
            name = store.name_of(environ, other)
            if name is not None:
                copies.forget_note(environ, name)
        for file in {path, *gone}:  # what a process left that was killed while it wrote
            files.delete_unfinished(file)
        return tuple(gone), problem


def forget_replaced(environ: Mapping[str, str], path: Path, before: bytes) -> None:
    """Delete the access tokens of what was in a file, and what is known of it, if none has it.

    What cannot be read or deleted is passed over: the change itself is done.
    """
    held = []
    for place in copies.places(environ, path):
        with suppress(DataError):
            held.append(files.read(place) or b"")
    if before not in held:
        with suppress(DataError):
            tokens.forget_all(environ, before)
    mine = copies.sign_in(path, before)
    if mine is not None and mine not in [copies.sign_in(path, raw) for raw in held]:
        with suppress(DataError):
            grants.forget_digest(environ, mine)


def _delete_copies(
    environ: Mapping[str, str], path: Path, raw: bytes
) -> tuple[list[Path], GemauthError | None]:
    """Delete every file of a sign-in or key, with its tokens and what is known of its grant.

    Those too that have its refresh token to act as a service account. A link goes with what it
    leads to, which holds the secrets.
    """
    mine, token = copies.identity(path, raw), copies.sign_in(path, raw)
    found: dict[Path, bytes] = {}
    gone: list[Path] = []
    problem: GemauthError | None = None
    for other in copies.places(environ, path):
        try:
            held = files.read(other)
        except DataError as error:
            problem = problem or error
            continue
        if held is not None and (
            copies.identity(other, held) == mine
            or (token is not None and copies.sign_in(other, held) == token)
        ):
            found |= {other: held, other.resolve(): held}
    for other, held in found.items():
        try:
            pointer = store.pointer(other, held)
            if pointer is not None and other.exists():
                keyring.delete(pointer)
            if files.delete(other):
                gone.append(other)
            tokens.forget_all(environ, held)
        except GemauthError as error:
            problem = problem or error
    if token is not None:
        with suppress(DataError):
            grants.forget_digest(environ, token)
    return gone, problem
