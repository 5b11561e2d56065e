"""The store of profiles: one credential file for each, in gemauth's own folder, by its name.

A profile is a standard ADC file, or a pointer into the keyring (`cache/keyring.py`). What is not in
the file, such as scopes, account and end of a sign-in, is in `cache/grants.py`. Which profile is in
use is `copies.py`'s.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gemauth.client.cache import adc, files, grants
from gemauth.client.cache.keyring import Pointer
from gemauth.client.cache.lock import FileLock
from gemauth.client.cache.places import (
    PROFILE_VARIABLE,
    is_profile_name,
    own_folder,
    profile_path,
)
from gemauth.client.target import (
    is_emulated,
    of_external_account,
    of_external_user,
    of_federation,
    of_key,
    of_user,
)
from gemauth.errors import DataError, GemauthError, NotFoundError, UsageError
from gemauth.google.credentials import (
    AuthorizedUser,
    Credentials,
    ExternalAccount,
    ExternalAccountAuthorizedUser,
    ImpersonatedServiceAccount,
    ServiceAccountKey,
    from_json,
)

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator, Mapping
    from typing import Literal

__all__ = [
    "Profile",
    "alone",
    "held",
    "is_emulators",
    "locate",
    "name_of",
    "names",
    "parse",
    "place",
    "pointer",
    "read",
]

GCLOUD = "gcloud"  # what `sources/chain.py` takes for gcloud's own sign-in
PATIENCE = 10.0  # seconds that another process may take over a few small files


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of a profile, without asking anybody and without opening a keyring.

    Attributes:
        name: its name.
        path: its file.
        kind: what its credentials are: an ADC file's `type`.
        side: `google` or `emulator`; the two never meet.
        store: `file`, or the keyring backend that has its secrets.
        account: the e-mail address, where it is known.
        scopes: those granted; empty where nobody remembers.
        project: of the OAuth client or the service account.
        quota_project: billed for calls, where the file says so.
        expires: the end of the sign-in (epoch seconds), None where it has none or nobody remembers.
        emulator: the address of the emulator that granted it.
        problem: why the file cannot be read as credentials; it is kept as it is.
    """

    name: str
    path: str
    kind: str | None = None
    side: Literal["google", "emulator"] | None = None
    store: str = "file"
    account: str | None = None
    scopes: tuple[str, ...] = ()
    project: str | None = None
    quota_project: str | None = None
    expires: float | None = None
    emulator: str | None = None
    problem: GemauthError | None = None


def place(environ: Mapping[str, str], name: str) -> Path:
    """Return the file of a profile, whether it is there or not.

    Raises:
        UsageError: nothing can have that name, or the environment names no home.
    """
    if not is_profile_name(name):
        raise UsageError(
            f"{name!r} cannot be a profile's name.",
            next_step="Take lower-case letters, digits and . _ @ + -, beginning with a letter or "
            "digit: work, ada@example.com.",
        )
    path = profile_path(environ, name)
    if path is None:
        raise UsageError(
            "There is no home folder to keep profiles in: HOME is not set.",
            next_step="Set HOME or XDG_CONFIG_HOME.",
        )
    return Path(path)


def locate(
    environ: Mapping[str, str],
    path: str | os.PathLike[str] | None = None,
    profile: str | None = None,
) -> Path:
    """Return the file that is meant: the one that is named, else the profile's, else ADC's.

    Args:
        environ: the environment variables.
        path: a file.
        profile: a profile's name; goes before GEMAUTH_PROFILE.

    Raises:
        UsageError: nothing can have that name, the environment names no home, or gcloud's sign-in
            is named, which is in no file of ours.
        NotFoundError: there is no such profile.
    """
    if path == GCLOUD:
        raise UsageError(
            "gcloud keeps its sign-in itself; it is changed and ended by gcloud only.",
            next_step="gcloud config set billing/quota_project PROJECT, or gcloud auth revoke. A "
            f"file of that name: ./{GCLOUD}",
        )
    if path is not None:
        return Path(path)
    name = profile or environ.get(PROFILE_VARIABLE)
    if not name:
        return adc.well_known(environ)
    held(environ, name)
    return place(environ, name)


def name_of(environ: Mapping[str, str], path: Path) -> str | None:
    """Return the name of the profile whose file a path is, or None."""
    own = profile_path(environ, path.stem) if path.suffix == ".json" else None
    return path.stem if own is not None and path.absolute() == Path(own).absolute() else None


def names(environ: Mapping[str, str]) -> list[str]:
    """Return the names of all profiles, sorted; what else is in the folder is none."""
    folder = own_folder(environ)
    try:
        there = [] if folder is None else [*Path(folder, "profiles").iterdir()]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise DataError(
            f"{folder}/profiles cannot be read: {error.strerror or error}.",
            next_step="Check the folder's owner and permissions.",
        ) from None
    return sorted(p.stem for p in there if p.suffix == ".json" and is_profile_name(p.stem))


def held(environ: Mapping[str, str], name: str) -> bytes:
    """Return the bytes of a profile's file.

    Raises:
        UsageError: as `place`.
        NotFoundError: there is no such profile.
        DataError: the file cannot be read.
    """
    raw = files.read(place(environ, name))
    if raw is None:
        others = ", ".join(names(environ))
        raise NotFoundError(
            f"There is no profile {name!r}.",
            next_step=f"There are: {others}."
            if others
            else f"Sign in to make it: gemauth login --client-id-file FILE --profile {name}",
        )
    return raw


def read(environ: Mapping[str, str], name: str) -> Profile:
    """Return what is known of a profile; a file that cannot be read is its `problem`.

    Raises:
        UsageError: as `place`.
        NotFoundError: there is no such profile.
    """
    path = place(environ, name)
    try:
        kept = parse(path, held(environ, name))
        side: Literal["google", "emulator"] = "emulator" if is_emulators(kept) else "google"
    except NotFoundError:
        raise
    except GemauthError as error:
        return Profile(name, str(path), problem=error)
    known = grants.recall_digest(environ, _grant(kept) or "") or grants.Grant()
    account, project = known.account, known.project
    if isinstance(kept, ServiceAccountKey):
        account, project = kept.client_email, kept.project_id
    elif isinstance(kept, ImpersonatedServiceAccount | ExternalAccount):
        account = kept.principal
    quota = getattr(kept, "quota_project_id", None)
    return Profile(
        name,
        str(path),
        AuthorizedUser.type if isinstance(kept, Pointer) else kept.type,
        side,
        kept.backend if isinstance(kept, Pointer) else "file",
        getattr(kept, "account", None) or account,
        known.scopes or tuple(getattr(kept, "scopes", ())),
        project,
        quota,
        known.refresh_until,
        known.emulator,
    )


def parse(path: Path, raw: bytes) -> Credentials | Pointer:
    """Return what a file's bytes say, a pointer as it is: no keyring is opened.

    Raises:
        DataError: they are no credentials.
    """
    body: Any = adc.load(path, raw)
    pointer = isinstance(body, dict) and body.get("type") == Pointer.type
    try:
        return Pointer.from_json(body) if pointer else from_json(body)
    except DataError as error:
        raise DataError(f"{path}: {error.message}", next_step=error.next_step) from None


def pointer(path: Path, raw: bytes | None) -> Pointer | None:
    """Return the pointer into a keyring that a file's bytes are, None where they are none."""
    try:
        kept = None if raw is None else parse(path, raw)
    except DataError:
        return None
    return kept if isinstance(kept, Pointer) else None


def is_emulators(kept: Credentials | Pointer) -> bool:
    """Whether an emulator made these.

    Raises:
        UsageError: they lead to servers that are neither Google's nor an emulator's.
    """
    if isinstance(kept, Pointer):
        return is_emulated(kept.client_id)
    if isinstance(kept, ImpersonatedServiceAccount):
        return of_federation(kept.service_account_impersonation_url)
    return any(isinstance(kept, kind) and of(kept) for kind, of in _SIDES)


_SIDES: tuple[tuple[type, Callable[[Any], bool]], ...] = (
    (AuthorizedUser, of_user),
    (ServiceAccountKey, of_key),
    (ExternalAccountAuthorizedUser, of_external_user),
    (ExternalAccount, of_external_account),
)


def _grant(kept: Credentials | Pointer) -> str | None:
    if isinstance(kept, Pointer):
        return kept.grant
    return grants.digest(kept.refresh_token) if isinstance(kept, AuthorizedUser) else None


@contextmanager
def alone(
    environ: Mapping[str, str],
    *,
    patience: float = PATIENCE,
    now: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], object] = time.sleep,
) -> Iterator[None]:
    """Change profiles while no other process or thread does.

    Raises:
        UsageError: another one has not come to its end for `patience` seconds.
    """
    folder = own_folder(environ)
    if folder is None:
        yield
        return
    lock = FileLock(str(Path(folder) / "locks" / "profiles"))
    end = now() + patience
    while not lock.acquire():
        if now() > end:
            raise UsageError(
                f"Another process has been changing profiles for {patience:g} seconds.",
                next_step="Wait for it to end, and run the command again.",
            )
        sleep(0.02)
    try:
        yield
    finally:
        lock.release()
