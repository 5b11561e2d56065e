"""Saving, renaming and deleting profiles; all local: nothing is asked of a server.

`gemauth profiles save|rename|delete`. Signing in to a profile is `client/login`'s, ending a sign-in
at the server `client/revoke.py`'s.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gemauth.client.cache import adc, files, keyring
from gemauth.client.cache.keyring import Pointer
from gemauth.client.profiles import copies, store
from gemauth.client.profiles.ending import forget_replaced
from gemauth.errors import DataError, NotFoundError, UsageError

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

__all__ = ["delete", "rename", "save"]


def save(
    environ: Mapping[str, str],
    name: str,
    source: str | os.PathLike[str] | None = None,
    *,
    replace: bool = False,
) -> Path:
    """Make a profile of the well-known ADC file, or of another credential file; it stays.

    A profile of the same sign-in or key takes over what has changed in the file.

    Args:
        environ: the environment variables.
        name: the profile's.
        source: another file than the well-known one.
        replace: overwrite a profile of that name, whatever it holds.

    Returns:
        The profile's file.

    Raises:
        NotFoundError: there is no such file.
        UsageError: the name is none, or is taken; or the file points into a keyring.
        DataError: the file is no credentials, or the profile cannot be written.
    """
    path = adc.well_known(environ) if source is None else Path(source)
    own = store.place(environ, name)
    with store.alone(environ):
        raw = files.read(path, named=source is not None)
        if raw is None:
            raise NotFoundError(
                f"There is no credential file at {path}.",
                next_step="Sign in: gemauth login --client-id-file FILE --profile NAME",
            )
        if isinstance(store.parse(path, raw), Pointer):
            raise UsageError(
                f"{path} points into a keyring, and is a profile already.",
                next_step="Rename it: gemauth profiles rename OLD NEW",
            )
        there = files.read(own)
        if there is not None and copies.identity(own, there) != copies.identity(path, raw):
            if not replace:
                raise UsageError(
                    f"There is a profile {name!r} already, of another sign-in or key.",
                    next_step="Choose another name, or overwrite it: --replace.",
                )
            _let_go(environ, name, own, there)
        files.write_private(own, raw)
        if there is not None:
            forget_replaced(environ, own, there)
        used = copies.in_use(environ)
        if used is not None and used.state == "same":
            copies.note(environ, used.profile or name, used.path, files.read(used.path) or raw)
    return own


def rename(environ: Mapping[str, str], old: str, new: str) -> Path:
    """Give a profile another name; where it is in use it stays so.

    Returns:
        Its file.

    Raises:
        NotFoundError: there is no such profile.
        UsageError: the name is none, or is taken.
        DataError: the system refuses.
    """
    own, other = store.place(environ, old), store.place(environ, new)
    with store.alone(environ):
        store.held(environ, old)
        if files.read(other) is not None:
            raise UsageError(
                f"There is a profile {new!r} already.",
                next_step="Choose another name, or delete that one: gemauth profiles delete NAME",
            )
        files.require_writable(other)
        try:
            own.rename(other)
        except OSError as error:
            raise DataError(
                f"{own} cannot be renamed: {error.strerror or error}.",
                next_step="Check the folder's owner and permissions.",
            ) from None
        copies.renamed(environ, old, new)
    return other


def delete(environ: Mapping[str, str], name: str) -> bool:
    """Delete a profile from this machine; its sign-in is not revoked.

    Returns:
        Whether its credentials are still in use, as the well-known ADC file.

    Raises:
        NotFoundError: there is no such profile.
        KeyringError: its keyring cannot be asked; the profile is kept.
        DataError: the system refuses.
    """
    own = store.place(environ, name)
    with store.alone(environ):
        raw = store.held(environ, name)
        used = copies.in_use(environ)
        _let_go(environ, name, own, raw)
        files.delete(own)
        files.delete_unfinished(own)
        forget_replaced(environ, own, raw)
    return used is not None and used.profile == name


def _let_go(environ: Mapping[str, str], name: str, own: Path, raw: bytes) -> None:
    """Forget what leads to a profile's content, which is about to go, and to nothing else.

    Raises:
        KeyringError: the secrets are in a keyring that cannot be asked.
    """
    pointer = store.pointer(own, raw)
    if pointer is not None:
        keyring.delete(pointer)
    copies.forget_note(environ, name)
