"""What is written to credential files: a profile is put in use, a sign-in is kept or changed.

Everything that writes a credential file comes here, so that the profile in use and its copy, the
well-known ADC file, say the same (`copies.py`): `keep` for a new sign-in, `change` and `rewrite`
for one that is there already. Its end is `ending.py`'s.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from gemauth.client.cache import adc, files, keyring
from gemauth.client.cache.keyring import KeyringError, Pointer
from gemauth.client.cache.places import adc_path
from gemauth.client.profiles import copies, store
from gemauth.client.profiles.ending import forget_replaced
from gemauth.errors import DataError, UsageError
from gemauth.google.credentials import AuthorizedUser

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gemauth.client.cache.adc import CredentialFile
    from gemauth.google.credentials import Credentials

__all__ = ["change", "keep", "require_free", "rewrite", "use"]


def use(environ: Mapping[str, str], name: str, *, replace: bool = False) -> copies.InUse | None:
    """Make a profile the well-known ADC file, which every Google library takes.

    Args:
        environ: the environment variables.
        name: the profile's.
        replace: overwrite what is there, whatever it is.

    Returns:
        What was in use before.

    Raises:
        NotFoundError: there is no such profile.
        UsageError: it is in a keyring, which no other library reads; it is an emulator's, and
            Google's would give way; or what is there is held by no profile.
        DataError: a file is no credentials, or cannot be written; both are as they were.
    """
    with store.alone(environ):
        raw = store.held(environ, name)
        kept = store.parse(store.place(environ, name), raw)
        path = adc.well_known(environ)
        if isinstance(kept, Pointer):
            raise UsageError(
                f"The profile {name!r} is in a keyring, where no other Google library looks for "
                "credentials.",
                next_step=f"Use it with gemauth: --profile {name}, or GEMAUTH_PROFILE={name}.",
            )
        files.require_writable(path)
        before = copies.in_use(environ)
        if before is not None and not replace:
            if before.state in {"changed", "unsaved", "unreadable"}:
                raise _would_be_lost(before)
            if store.is_emulators(kept) and not _is_emulators(path):
                raise UsageError(
                    f"{path} holds a sign-in at Google, and {name!r} is an emulator's: every other "
                    "program of yours would get it.",
                    next_step=f"Use it with gemauth only (--profile {name}), set CLOUDSDK_CONFIG "
                    "to another folder, or overwrite it (--replace).",
                )
        replaced = files.read(path)
        copies.copy(environ, name, path, raw)
        if replaced is not None:
            forget_replaced(environ, path, replaced)
        return before


def require_free(
    environ: Mapping[str, str],
    path: Path,
    *,
    emulated: bool,
    replace: bool,
    in_keyring: bool | None = None,
) -> None:
    """See that a new sign-in may be kept in a place, before a person signs in for it.

    Args:
        environ: the environment variables.
        path: a profile's file, or any other.
        emulated: whether an emulator makes it.
        replace: overwrite whatever is there.
        in_keyring: whether its secrets go into the keyring, which is tried; None: as those that
            are there now.

    Raises:
        UsageError: something is there that is kept, or the keyring is not for this place.
        KeyringError: the keyring does not work.
        DataError: what is there cannot be read, or none can be written there.
    """
    name, used = store.name_of(environ, path), copies.in_use(environ)
    if in_keyring is None:
        in_keyring = store.pointer(path, files.read(path)) is not None
    if in_keyring:
        if name is None:
            raise UsageError(
                "A sign-in in a keyring is a profile: other libraries cannot read it, so that it "
                "is not for the well-known ADC file.",
                next_step="Give it a name: --profile NAME --store keyring",
            )
        if used is not None and used.profile == name:
            raise UsageError(
                f"The profile {name!r} is in use as {used.path}, which a keyring cannot be.",
                next_step="Choose another name: --profile OTHER --store keyring",
            )
    if name is None:
        adc.require_free(path, emulated=emulated, replace=replace)
    else:
        files.require_writable(path)
        _require_person(path, name, emulated=emulated, replace=replace)
    if in_keyring:
        keyring.probe()


def keep(
    environ: Mapping[str, str],
    path: Path,
    user: AuthorizedUser,
    *,
    in_keyring: bool | None = None,
    same: bool = False,
) -> CredentialFile:
    """Write a new sign-in to its place, and to the copy of what was there before it.

    The profile in use stays in use; the first profile of Google's is put in use. A sign-in in the
    well-known place by the account of the profile in use renews that profile too. Access tokens of
    what it replaces are deleted, and what is known of it, unless a file has it still.

    Args:
        environ: the environment variables.
        path: a profile's file (`store.place`), the ADC place, or any other.
        user: what is kept.
        in_keyring: its secrets go into the keyring, and a pointer into the file; None: as those
            that are there now, so that nothing leaves a keyring unasked.
        same: whether it is the person whose sign-in was there, whatever is known of them.

    Raises:
        DataError: a file cannot be written.
        KeyringError: the keyring does not keep it; the file is as it was.
    """
    with store.alone(environ):
        before = files.read(path)
        written = _keep(environ, path, user, store.pointer(path, before), in_keyring, same=same)
        if before is not None:
            forget_replaced(environ, path, before)
        return written


def _keep(
    environ: Mapping[str, str],
    path: Path,
    user: AuthorizedUser,
    old: Pointer | None,
    in_keyring: bool | None,  # noqa: FBT001  # as `keep` got it
    *,
    same: bool,
) -> CredentialFile:
    if in_keyring or (in_keyring is None and old is not None):
        return _point(path, user, old)
    used = copies.in_use(environ)
    written = adc.write(path, user)
    name = store.name_of(environ, path)
    place = adc_path(environ)
    if used is None:
        if name is not None and place is not None and not store.is_emulators(user):
            with suppress(DataError):  # a favour: the profile is there
                copies.copy(environ, name, Path(place), written.raw)
    elif used.profile is not None and name == used.profile:
        copies.copy(environ, name, used.path, written.raw)
    elif used.profile is not None and _same(path, used.path):
        _renew(environ, used.profile, user, written.raw, same=same)
    if old is not None:
        with suppress(KeyringError, UsageError):  # nobody points there any more
            keyring.delete(old)
    return written


def change(
    environ: Mapping[str, str], file: CredentialFile, credentials: Credentials
) -> CredentialFile:
    """Write changed credentials to their file, and to its copy where their profile is in use.

    Args:
        environ: the environment variables.
        file: as it was read.
        credentials: what it shall say; with other secrets too, such as those of more scopes.

    Raises:
        DataError: the file is another by now, or cannot be written.
        KeyringError: the keyring does not take the new secrets; everything is as it was.
    """
    if file.pointer is None:
        raw = adc.form(credentials.to_json())
        rewrite(environ, file, raw)
        return adc.CredentialFile(file.path, credentials, raw)
    assert isinstance(credentials, AuthorizedUser)  # what a pointer stands for
    with store.alone(environ):
        _require_unchanged(file)
        return _point(file.path, credentials, file.pointer)


def rewrite(environ: Mapping[str, str], file: CredentialFile, raw: bytes) -> None:
    """Write changed bytes of the same sign-in or key to its file, and to its copy.

    Raises:
        DataError: the file is another by now, or cannot be written.
    """
    with store.alone(environ):
        _require_unchanged(file)
        used = copies.in_use(environ)
        name = store.name_of(environ, file.path)
        if (
            used is not None
            and used.profile is not None
            and (name == used.profile or _same(file.path, used.path))
        ):
            # The profile first: what is cut short then is told as `behind`, and nothing is lost.
            copies.note(environ, used.profile, used.path, files.read(used.path) or b"")
            files.write_private(store.place(environ, used.profile), raw)
            copies.copy(environ, used.profile, used.path, raw)
        else:
            files.write_private(file.path, raw)


def _require_person(path: Path, name: str, *, emulated: bool, replace: bool) -> None:
    """Let a profile give way to a new sign-in as an ADC file does (`adc.require_free`)."""
    raw = files.read(path)
    if raw is None or replace:
        return
    elsewhere = "Choose another name (--profile OTHER), or overwrite it (--replace)."
    try:
        kept = store.parse(path, raw)
    except DataError as error:
        raise DataError(error.message, next_step=elsewhere) from None
    person = isinstance(kept, AuthorizedUser | Pointer)
    if person and (not emulated or store.is_emulators(kept)):
        return
    whose = "a sign-in at Google" if person else f"{kept.type} credentials"
    raise UsageError(
        f"The profile {name!r} holds {whose}, which would be lost.", next_step=elsewhere
    )


def _require_unchanged(file: CredentialFile) -> None:
    if files.read(file.path) != file.raw:
        raise DataError(
            f"{file.path} was changed by another program meanwhile, and is left as it is.",
            next_step="Run this again.",
        )


def _renew(
    environ: Mapping[str, str], name: str, user: AuthorizedUser, raw: bytes, *, same: bool
) -> None:
    """Let the profile that was in use follow, where the same account has signed in again."""
    own = store.place(environ, name)
    try:
        kept = store.parse(own, files.read(own) or b"")
    except DataError:
        return
    before = store.read(environ, name)
    if not isinstance(kept, AuthorizedUser) or kept.client_id != user.client_id:
        return
    if same or (user.account and user.account == before.account):
        files.write_private(own, raw)
        copies.note(environ, name, Path(adc_path(environ) or ""), raw)


def _point(path: Path, user: AuthorizedUser, old: Pointer | None) -> CredentialFile:
    """Keep a sign-in under a new entry of the keyring; no moment is without a whole one."""
    pointer = keyring.keep(user)
    raw = adc.form(pointer.to_json())
    try:
        files.write_private(path, raw)
    except BaseException:
        with suppress(KeyringError):
            keyring.delete(pointer)
        raise
    if old is not None:
        with suppress(KeyringError):  # nobody points there any more
            keyring.delete(old)
    return adc.CredentialFile(path, user, raw, pointer)


def _would_be_lost(before: copies.InUse) -> UsageError | DataError:
    if before.problem is not None:
        return before.problem
    if before.profile is not None:
        return UsageError(
            f"Another program has changed {before.path} since the profile {before.profile!r} was "
            "put there.",
            next_step=f"Keep the change: gemauth profiles save {before.profile}; or drop it: "
            "--replace.",
        )
    return UsageError(
        f"{before.path} holds credentials that are in no profile, and would be lost.",
        next_step="Save them first: gemauth profiles save NAME; or drop them: --replace.",
    )


def _is_emulators(path: Path) -> bool:
    raw = files.read(path)
    return raw is not None and store.is_emulators(store.parse(path, raw))


def _same(one: Path, other: Path) -> bool:
    return one.absolute() == other.absolute()
