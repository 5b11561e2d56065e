"""Which profile is in use: the one whose copy the well-known ADC file is, and how copies agree.

A copy and not a symbolic link, since gcloud writes through links. Contents are compared: what
another program wrote into the ADC file is noticed, and never overwritten unless it is held by a
profile too. A note says what was last copied there, so that a change that was cut short between
its two files is told from a change by somebody else. Everything that writes a credential file
comes here: `keep` for a new sign-in, `change` for one that is there already, `forget` at its end.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gemauth.client.cache import adc, files, grants, keyring, tokens
from gemauth.client.cache.keyring import KeyringError, Pointer
from gemauth.client.cache.places import adc_path, own_folder
from gemauth.client.profiles import store
from gemauth.errors import DataError, NotFoundError, UsageError
from gemauth.google.credentials import AuthorizedUser, ServiceAccountKey

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal

    from gemauth.client.cache.adc import CredentialFile
    from gemauth.google.credentials import Credentials

__all__ = [
    "InUse",
    "change",
    "forget",
    "forget_note",
    "identity",
    "in_use",
    "keep",
    "note",
    "renamed",
    "require_free",
    "rewrite",
    "use",
]


@dataclass(frozen=True, slots=True)
class InUse:
    """What the well-known ADC file is.

    Attributes:
        path: the file.
        profile: the one in use; None where no profile holds what is there.
        state: `same`; `behind`: it is an earlier state of the profile, a change of which was cut
            short; `changed`: another program has changed it since, in the same sign-in; `unsaved`:
            it is in no profile.
    """

    path: Path
    profile: str | None
    state: Literal["same", "behind", "changed", "unsaved"]


def in_use(environ: Mapping[str, str]) -> InUse | None:
    """Return what the well-known ADC file is, or None where there is none.

    Raises:
        DataError: it cannot be read at all.
    """
    place = adc_path(environ)
    raw = None if place is None else files.read(Path(place))
    if place is None or raw is None:
        return None
    path, last = Path(place), _noted(environ, place)
    held = {}
    for name in store.names(environ):
        with suppress(NotFoundError, DataError):  # deleted meanwhile, or unreadable: not this one
            held[name] = store.held(environ, name)
    noted = last.get("profile")
    order = sorted(held, key=lambda name: name != noted)  # of equal ones, the one that was chosen
    for name in order:
        if held[name] == raw:
            return InUse(path, name, "same")
    if noted in held and last.get("content") == _digest(raw):
        return InUse(path, noted, "behind")
    mine = identity(path, raw)
    for name in order:
        if identity(path, held[name]) == mine:
            return InUse(path, name, "changed")
    return InUse(path, None, "unsaved")


def use(environ: Mapping[str, str], name: str, *, replace: bool = False) -> InUse | None:
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
        before = in_use(environ)
        if before is not None and not replace:
            if before.state in {"changed", "unsaved"}:
                raise _would_be_lost(before)
            if store.is_emulators(kept) and not _is_emulators(path):
                raise UsageError(
                    f"{path} holds a sign-in at Google, and {name!r} is an emulator's: every other "
                    "program of yours would get it.",
                    next_step=f"Use it with gemauth only (--profile {name}), set CLOUDSDK_CONFIG "
                    "to another folder, or overwrite it (--replace).",
                )
        replaced = files.read(path)
        _copy(environ, name, path, raw)
        if replaced is not None:
            with suppress(DataError):  # it is in use all the same
                _forget_replaced(environ, path, replaced)
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
    name, used = store.name_of(environ, path), in_use(environ)
    if in_keyring is None:
        in_keyring = _pointer(path, files.read(path)) is not None
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
        written = _keep(environ, path, user, _pointer(path, before), in_keyring, same=same)
        with suppress(DataError):  # the sign-in is kept all the same
            if before is not None:
                _forget_replaced(environ, path, before)
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
    used = in_use(environ)
    written = adc.write(path, user)
    name = store.name_of(environ, path)
    place = adc_path(environ)
    if used is None:
        if name is not None and place is not None and not store.is_emulators(user):
            with suppress(DataError):  # a favour: the profile is there
                _copy(environ, name, Path(place), written.raw)
    elif used.profile is not None and name == used.profile:
        _copy(environ, name, used.path, written.raw)
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
        used = in_use(environ)
        name = store.name_of(environ, file.path)
        if (
            used is not None
            and used.profile is not None
            and (name == used.profile or _same(file.path, used.path))
        ):
            # The profile first: what is cut short then is told as `behind`, and nothing is lost.
            note(environ, used.profile, used.path, files.read(used.path) or b"")
            files.write_private(store.place(environ, used.profile), raw)
            _copy(environ, used.profile, used.path, raw)
        else:
            files.write_private(file.path, raw)


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
        pointer = _pointer(path, raw)
        if pointer is not None:
            keyring.delete(pointer)
        gone, problem = _delete_copies(environ, path, identity(path, raw))
        with suppress(DataError):  # told already, where a file had these bytes
            tokens.forget_all(environ, raw)
        for other in gone:
            name = store.name_of(environ, other)
            if name is not None:
                forget_note(environ, name)
        for file in {path, *gone}:  # what a process left that was killed while it wrote
            files.delete_unfinished(file)
        if problem is not None:
            raise problem
        return tuple(gone)


def _delete_copies(
    environ: Mapping[str, str], path: Path, mine: tuple[str, str]
) -> tuple[list[Path], DataError | None]:
    """Delete every file of a sign-in or key, with its tokens and what is known of its grant."""
    gone: list[Path] = []
    problem = None
    for other in _places(environ, path):
        try:
            held = files.read(other)
            if held is None or identity(other, held) != mine:
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


def _forget_replaced(environ: Mapping[str, str], path: Path, before: bytes) -> None:
    """Delete the access tokens of what was in a file, and what is known of it, if none has it."""
    held = [raw for place in _places(environ, path) if (raw := files.read(place)) is not None]
    if before not in held:
        tokens.forget_all(environ, before)
    mine = identity(path, before)
    if mine[0] == AuthorizedUser.type and mine not in [identity(path, raw) for raw in held]:
        grants.forget_digest(environ, mine[1])


def _places(environ: Mapping[str, str], path: Path) -> list[Path]:
    """Return a file and wherever else its sign-in may be: the profiles, the ADC file."""
    places = [path, *(store.place(environ, name) for name in store.names(environ))]
    if (well_known := adc_path(environ)) is not None:
        places.append(Path(well_known))
    return places


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
        note(environ, name, Path(adc_path(environ) or ""), raw)


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


def _would_be_lost(before: InUse) -> UsageError:
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


def _pointer(path: Path, raw: bytes | None) -> Pointer | None:
    try:
        kept = None if raw is None else store.parse(path, raw)
    except DataError:
        return None
    return kept if isinstance(kept, Pointer) else None


def _same(one: Path, other: Path) -> bool:
    return one.absolute() == other.absolute()


def identity(path: Path, raw: bytes) -> tuple[str, str]:
    """Return what tells a sign-in or key from another, whatever else its file says."""
    try:
        kept = store.parse(path, raw)
    except DataError:
        return "", _digest(raw)
    match kept:
        case AuthorizedUser():
            return kept.type, grants.digest(kept.refresh_token)
        case Pointer():
            return AuthorizedUser.type, kept.grant
        case ServiceAccountKey():
            return kept.type, _digest(kept.private_key.encode())
        case _:
            return kept.type, _digest(raw)


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


# ---------------------------------------------------------------- the note of what was copied


def _copy(environ: Mapping[str, str], name: str, path: Path, raw: bytes) -> None:
    files.write_private(path, raw)
    note(environ, name, path, raw)


def note(environ: Mapping[str, str], name: str, path: Path, raw: bytes) -> None:
    """Note that a profile was copied to a place: what was copied."""
    body = {"place": str(path), "profile": name, "content": _digest(raw)}
    place = _note_place(environ, str(path))
    if place is not None:
        with suppress(DataError):  # equal contents tell as much, as long as they are equal
            files.write_private(place, json.dumps(body, indent=2).encode())


def _noted(environ: Mapping[str, str], path: str) -> dict[str, Any]:
    place = _note_place(environ, path)
    try:
        body = json.loads((None if place is None else files.read(place)) or b"{}")
    except (DataError, ValueError):
        return {}
    return body if isinstance(body, dict) else {}


def _note_place(environ: Mapping[str, str], path: str) -> Path | None:
    folder = own_folder(environ)
    return None if folder is None else Path(folder, "in-use", f"{_digest(path.encode())[:32]}.json")


def forget_note(environ: Mapping[str, str], name: str) -> None:
    """Forget that a profile was copied anywhere."""
    for place, last in _notes(environ):
        if last.get("profile") == name:
            with suppress(DataError):
                files.delete(place)


def renamed(environ: Mapping[str, str], old: str, new: str) -> None:
    """Let every note of a profile say its new name."""
    for place, last in _notes(environ):
        if last.get("profile") == old:
            with suppress(DataError):
                body = json.dumps({**last, "profile": new}, indent=2)
                files.write_private(place, body.encode())


def _notes(environ: Mapping[str, str]) -> list[tuple[Path, dict[str, Any]]]:
    folder = own_folder(environ)
    try:
        there = [] if folder is None else [*Path(folder, "in-use").iterdir()]
    except OSError:
        return []
    found = []
    for place in there:
        with suppress(DataError, ValueError):
            body = json.loads(files.read(place) or b"{}")
            if isinstance(body, dict):
                found.append((place, body))
    return found
