"""The end of a sign-in or key on this machine: whatever leads to it goes, and nothing else."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from gemauth.client.cache import files, grants, keyring, tokens
from gemauth.client.profiles import copies, store
from gemauth.errors import DataError
from gemauth.google.credentials import AuthorizedUser

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["forget", "forget_replaced"]


def forget(environ: Mapping[str, str], path: Path, raw: bytes | None = None) -> tuple[Path, ...]:
    """Delete a sign-in or key from this machine: its file, every copy, its keyring entry, tokens.

    The grant itself lives on until it is revoked. Another one that has come into the file meanwhile
    stays.

    Args:
        environ: the environment variables.
        path: its file.
        raw: the file's bytes, as they were when its end began; None reads them now.

    Returns:
        The files that are gone.

    Raises:
        KeyringError: the keyring cannot be asked: the secrets may be in it still, and the file that
            points there is kept.
        DataError: a file cannot be deleted; the others are.
    """
    with store.alone(environ):
        raw = files.read(path) if raw is None else raw
        if raw is None:
            return ()
        pointer = store.pointer(path, raw)
        if pointer is not None:
            keyring.delete(pointer)
        gone, problem = _delete_copies(environ, path, copies.identity(path, raw))
        with suppress(DataError):  # told already, where a file had these bytes
            tokens.forget_all(environ, raw)
        for other in gone:
            name = store.name_of(environ, other)
            if name is not None:
                copies.forget_note(environ, name)
        for file in {path, *gone}:  # what a process left that was killed while it wrote
            files.delete_unfinished(file)
        if problem is not None:
            raise problem
        return tuple(gone)


def forget_replaced(environ: Mapping[str, str], path: Path, before: bytes) -> None:
    """Delete the access tokens of what was in a file, and what is known of it, if none has it."""
    held = [raw for place in copies.places(environ, path) if (raw := files.read(place)) is not None]
    if before not in held:
        tokens.forget_all(environ, before)
    mine = copies.identity(path, before)
    if mine[0] == AuthorizedUser.type and mine not in [copies.identity(path, raw) for raw in held]:
        grants.forget_digest(environ, mine[1])


def _delete_copies(
    environ: Mapping[str, str], path: Path, mine: tuple[str, str]
) -> tuple[list[Path], DataError | None]:
    """Delete every file of a sign-in or key, with its tokens and what is known of its grant."""
    gone: list[Path] = []
    problem = None
    for other in copies.places(environ, path):
        try:
            held = files.read(other)
            if held is None or copies.identity(other, held) != mine:
                continue
            if files.delete(other):
                gone.append(other)
            tokens.forget_all(environ, held)
        except DataError as error:
            problem = problem or error
    if mine[0] == AuthorizedUser.type:
        with suppress(DataError):
            grants.forget_digest(environ, mine[1])
    return gone, problem
