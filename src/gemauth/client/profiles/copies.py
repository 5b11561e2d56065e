"""Which profile is in use: the one whose copy the well-known ADC file is, and how copies agree.

A copy and not a symbolic link, since gcloud writes through links. Contents are compared: what
another program wrote into the ADC file is noticed, and never overwritten unless it is held by a
profile too. A note says what was last copied there, so that a change that was cut short between
its two files is told from a change by somebody else.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gemauth.client.cache import files, grants
from gemauth.client.cache.keyring import Pointer
from gemauth.client.cache.places import adc_path, own_folder
from gemauth.client.profiles import store
from gemauth.errors import DataError, NotFoundError
from gemauth.google.credentials import (
    AuthorizedUser,
    ExternalAccountAuthorizedUser,
    ImpersonatedServiceAccount,
    ServiceAccountKey,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal

__all__ = [
    "InUse",
    "copy",
    "forget_note",
    "identity",
    "in_use",
    "note",
    "places",
    "renamed",
    "sign_in",
]


@dataclass(frozen=True, slots=True)
class InUse:
    """What the well-known ADC file is.

    Attributes:
        path: the file.
        profile: the one in use; None where no profile holds what is there.
        state: `same`; `behind`: it is an earlier state of the profile, a change of which was cut
            short; `changed`: another program has changed it since, in the same sign-in; `unsaved`:
            it is in no profile; `unreadable`: nobody knows.
        problem: why nobody does.
    """

    path: Path
    profile: str | None
    state: Literal["same", "behind", "changed", "unsaved", "unreadable"]
    problem: DataError | None = None


def in_use(environ: Mapping[str, str]) -> InUse | None:
    """Return what the well-known ADC file is, or None where there is none."""
    place = adc_path(environ)
    try:
        raw = None if place is None else files.read(Path(place))
    except DataError as error:
        return InUse(Path(place or ""), None, "unreadable", error)
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


def identity(path: Path, raw: bytes) -> tuple[str, str]:
    """Return what tells a sign-in or key from another, whatever else its file says."""
    try:
        kept = store.parse(path, raw)
    except DataError:
        return "", _digest(raw)
    match kept:
        case AuthorizedUser() | ExternalAccountAuthorizedUser():
            return kept.type, grants.digest(kept.refresh_token)
        case Pointer():
            return AuthorizedUser.type, kept.grant
        case ServiceAccountKey():
            return kept.type, _digest(kept.private_key.encode())
        case _:
            return kept.type, _digest(raw)


def sign_in(path: Path, raw: bytes) -> str | None:
    """Return the digest of the refresh token that is in a file, or that it points to; or None.

    Who acts as a service account has it one level down: it ends with the sign-in, which is another
    `identity` all the same.
    """
    with suppress(DataError):
        kept = store.parse(path, raw)
        match kept.source_credentials if isinstance(kept, ImpersonatedServiceAccount) else kept:
            case (
                AuthorizedUser(refresh_token=token)
                | ExternalAccountAuthorizedUser(refresh_token=token)
            ):
                return grants.digest(token)
            case Pointer(grant=grant):
                return grant
    return None


def places(environ: Mapping[str, str], path: Path) -> list[Path]:
    """Return a file and wherever else its sign-in may be: the profiles, the ADC file.

    Without what is no file, such as a pipe or a folder: it holds nothing, and is left alone.
    """
    places = [path, *(store.place(environ, name) for name in store.names(environ))]
    if (well_known := adc_path(environ)) is not None:
        places.append(Path(well_known))
    return [place for place in places if not files.is_other(place)]


def copy(environ: Mapping[str, str], name: str, path: Path, raw: bytes) -> None:
    """Make the ADC file a copy of a profile, and note it."""
    files.write_private(path, raw)
    note(environ, name, path, raw)


def note(environ: Mapping[str, str], name: str, path: Path, raw: bytes) -> None:
    """Note that a profile was copied to a place: what was copied."""
    body = {"place": str(path), "profile": name, "content": _digest(raw)}
    place = _note_place(environ, str(path))
    if place is not None:
        with suppress(DataError):  # equal contents tell as much, as long as they are equal
            files.write_private(place, json.dumps(body, indent=2).encode())


def renamed(environ: Mapping[str, str], old: str, new: str) -> None:
    """Let every note of a profile say its new name."""
    for place, last in _notes(environ):
        if last.get("profile") == old:
            with suppress(DataError):
                body = json.dumps({**last, "profile": new}, indent=2)
                files.write_private(place, body.encode())


def forget_note(environ: Mapping[str, str], name: str) -> None:
    """Forget that a profile was copied anywhere."""
    for place, last in _notes(environ):
        if last.get("profile") == name:
            with suppress(DataError):
                files.delete(place)


def _noted(environ: Mapping[str, str], path: str) -> dict[str, Any]:
    place = _note_place(environ, path)
    try:
        body = json.loads((None if place is None else files.read(place)) or b"{}")
    except (DataError, ValueError, RecursionError):
        return {}
    return body if _is_note(body) else {}


def _notes(environ: Mapping[str, str]) -> list[tuple[Path, dict[str, Any]]]:
    folder = own_folder(environ)
    try:
        there = [] if folder is None else [*Path(folder, "in-use").iterdir()]
    except OSError:
        return []
    found = []
    for place in there:
        with suppress(DataError, ValueError, RecursionError):
            body = json.loads(files.read(place) or b"{}")
            if _is_note(body):
                found.append((place, body))
    return found


def _is_note(body: object) -> bool:
    return isinstance(body, dict) and all(isinstance(value, str) for value in body.values())


def _note_place(environ: Mapping[str, str], path: str) -> Path | None:
    folder = own_folder(environ)
    return None if folder is None else Path(folder, "in-use", f"{_digest(path.encode())[:32]}.json")


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()
