"""A person's sign-in in the system's keyring, by explicit choice: the file only points there.

The refresh token and the client's secret are an entry of the keyring; the file (`Pointer`, 0600 as
every other) has no secret and says which backend holds it. Nothing ever falls back to a file: a
keyring that is missing, locked, silent or forgetful is an error with the keyring's name in it.
Every call is bounded, since D-Bus and unlock dialogues may never answer. Read by `cache/adc.py` and
`client/profiles`; needs the package `keyring` (`gemauth[keyring]`).
"""

from __future__ import annotations

import json
import secrets
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

from gemauth.client.cache import grants
from gemauth.errors import CredentialError, DataError, Fault, UsageError
from gemauth.google.credentials import AuthorizedUser

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Backend", "KeyringError", "Pointer", "delete", "keep", "probe", "read"]

SERVICE = "gemauth"
PATIENCE = 10.0  # seconds for an answer
UNLOCKING = 60.0  # the same at a sign-in, where a person sits in front of the unlock dialogue
RECOMMENDED = 1.0  # the priority from which on `keyring` itself recommends a backend
T = TypeVar("T")


class KeyringError(CredentialError):
    """The keyring cannot be asked, or does not have what it was given; no token was refused."""

    default_fault = Fault.MACHINE


class Backend(Protocol):
    """What is used of a `keyring.backend.KeyringBackend`."""

    def get_password(self, service: str, username: str) -> str | None:
        """Return the secret, or None."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep the secret."""

    def delete_password(self, service: str, username: str) -> None:
        """Delete the secret."""


@dataclass(frozen=True, slots=True)
class Pointer:
    """The file of a sign-in whose secrets are in a keyring: `type: gemauth_keyring`.

    A type of gemauth's own: no other Google library can read it, nor mistake it for a sign-in.

    Attributes:
        backend: the class that keeps the entry, such as `keyring.backends.macOS.Keyring`.
        entry: its name there, new with each sign-in.
        client_id: the OAuth client's.
        grant: the digest that the grant is remembered under (`cache/grants.py`).
        quota_project_id: as in an ADC file; `account`, `scopes` and `universe_domain` too.
    """

    type: ClassVar[str] = "gemauth_keyring"

    backend: str
    entry: str
    client_id: str
    grant: str
    quota_project_id: str | None = None
    account: str = ""
    scopes: tuple[str, ...] = ()
    universe_domain: str = "googleapis.com"

    @classmethod
    def to(cls, user: AuthorizedUser, backend: str) -> Pointer:
        """Return a pointer to a new entry for a person's credentials."""
        return cls(
            backend,
            secrets.token_hex(16),
            user.client_id,
            grants.digest(user.refresh_token),
            user.quota_project_id,
            user.account,
            user.scopes,
            user.universe_domain,
        )

    def to_json(self) -> dict[str, Any]:
        """Return the file's object."""
        members = {name: getattr(self, name) for name in ("type", *self.__slots__)}
        members["scopes"] = list(self.scopes) or None
        return {name: value for name, value in members.items() if value is not None}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Pointer:
        """Return the pointer of a file's object.

        Raises:
            DataError: a member is missing or of another kind.
        """
        texts = {name: body.get(name) for name in cls.__slots__ if name != "scopes"}
        texts["universe_domain"] = texts["universe_domain"] or "googleapis.com"
        texts["account"] = texts["account"] or ""
        lacks = [
            name
            for name, value in texts.items()
            if not (isinstance(value, str) or (name == "quota_project_id" and value is None))
        ]
        scopes = body.get("scopes") or []
        if lacks or not isinstance(scopes, list):
            raise DataError(
                f"The {cls.type} file lacks {', '.join(lacks or ['scopes'])}.",
                next_step="Sign in again: gemauth login --client-id-file FILE --profile NAME "
                "--store keyring",
            )
        known: dict[str, Any] = {**texts, "scopes": tuple(map(str, scopes))}
        return cls(**known)


def probe(*, patience: float = UNLOCKING) -> str:
    """Write, read and delete an entry of no worth, and return the backend's name.

    To be called before a person signs in: what is found out afterwards costs them the sign-in.

    Raises:
        UsageError: the package `keyring` is not installed, or it has no keyring to recommend.
        KeyringError: the keyring did not do one of the three, or not in time.
    """
    _require_package()
    entry, value = f"probe-{secrets.token_hex(16)}", secrets.token_hex(32)
    name, backend = _bounded(_chosen, "The system's keyring", min(PATIENCE, patience))

    def work() -> str:
        _store(name, backend, entry, value, worthless=True)
        _delete(name, backend, entry)
        if backend.get_password(SERVICE, entry) is not None:
            raise _failed(name, "still has an entry that it said was deleted")
        return name

    return _bounded(work, name, patience)


def keep(user: AuthorizedUser, *, patience: float = UNLOCKING) -> Pointer:
    """Put a person's secrets into the keyring that `probe` finds, and read them back.

    Raises:
        UsageError: as `probe`.
        KeyringError: they are not there, or not as they were; no entry is left.
    """
    _require_package()
    given_up = threading.Event()

    def work() -> Pointer:
        name, backend = _chosen()
        pointer = Pointer.to(user, name)
        try:
            _store(name, backend, pointer.entry, _secret(user))
        except BaseException:
            given_up.set()
            raise
        finally:
            if given_up.is_set():  # nobody will ever point there
                _discard(backend, pointer.entry)
        return pointer

    return _bounded(work, "The system's keyring", patience, given_up)


def read(pointer: Pointer, *, patience: float = PATIENCE) -> AuthorizedUser:
    """Return the person's credentials that a file points to.

    Raises:
        UsageError: the package `keyring` is not installed.
        KeyringError: that keyring is not to be had here, is locked, does not answer in time, or
            has no such entry.
    """
    _require_package()

    def work() -> AuthorizedUser:
        backend = _named(pointer.backend)
        return _user(pointer, _call(pointer.backend, backend.get_password, SERVICE, pointer.entry))

    return _bounded(work, pointer.backend, patience)


def delete(pointer: Pointer, *, patience: float = PATIENCE) -> bool:
    """Delete the secrets that a file points to; False where there were none.

    Raises:
        UsageError: the package `keyring` is not installed.
        KeyringError: the keyring cannot be asked: the secrets may still be in it.
    """
    _require_package()

    def work() -> bool:
        backend = _named(pointer.backend)
        there = _call(pointer.backend, backend.get_password, SERVICE, pointer.entry) is not None
        if there:
            _delete(pointer.backend, backend, pointer.entry)
        return there

    return _bounded(work, pointer.backend, patience)


def _secret(user: AuthorizedUser) -> str:
    return json.dumps({"client_secret": user.client_secret, "refresh_token": user.refresh_token})


def _user(pointer: Pointer, secret: str | None) -> AuthorizedUser:
    """Return what an entry holds; nothing, and an entry of no bytes, are the same."""
    if not secret:
        raise _failed(pointer.backend, "has no entry for this sign-in any more", again=True)
    try:
        body = json.loads(secret)
        client_secret, refresh_token = body["client_secret"], body["refresh_token"]
    except (ValueError, TypeError, KeyError):
        raise _failed(
            pointer.backend, "has something else under this sign-in's name", again=True
        ) from None
    return AuthorizedUser(
        pointer.client_id,
        str(client_secret),
        str(refresh_token),
        pointer.quota_project_id,
        pointer.account,
        pointer.scopes,
        pointer.universe_domain,
    )


def _store(name: str, backend: Backend, entry: str, value: str, *, worthless: bool = False) -> None:
    """Write an entry and see that it is there: some keyrings take everything and keep nothing."""
    _call(name, backend.set_password, SERVICE, entry, value, secret=not worthless)
    kept = _call(name, backend.get_password, SERVICE, entry, secret=not worthless)
    if kept != value:
        _discard(backend, entry)
        what = "nothing" if kept is None else f"{len(kept)} characters of {len(value)}"
        raise _failed(name, f"took an entry without an error, and gave {what} back")


def _delete(name: str, backend: Backend, entry: str) -> None:
    _call(name, backend.delete_password, SERVICE, entry)


def _discard(backend: Backend, entry: str) -> None:
    try:
        backend.delete_password(SERVICE, entry)
    except Exception:  # noqa: BLE001  # whatever a plug-in raises: it may never have been written
        return


def _call(name: str, work: Callable[..., T], *words: str, secret: bool = False) -> T:
    """Call a backend; whatever it raises, which may be anything of a plug-in's, is its failure.

    Of a call with a secret the exception's name alone is told: its text may repeat the secret, in
    whatever encoding.
    """
    try:
        return work(*words)
    except Exception as error:  # noqa: BLE001  # as said
        told = type(error).__name__ + ("" if secret else f": {error}")
        raise _failed(name, "cannot be used now: it is locked, or refuses", told) from None


def _chosen() -> tuple[str, Backend]:
    """Return the keyring to use: the person's configured one, else the system's own.

    Of a chain the first one: a chain passes on to the next in silence what the first does not
    take.
    """
    import keyring

    try:
        chosen = keyring.get_keyring()
        first = (getattr(chosen, "backends", None) or [chosen])[0]
        priority = float(first.priority)
    except Exception as error:  # noqa: BLE001  # a plug-in's
        raise _none(f"{type(error).__name__}: {error}") from None
    name = _name(first)
    if priority < RECOMMENDED:  # none at all, one that forgets, one that is a plain file
        raise _none(f"{name}, priority {priority:g}")
    return name, first


def _named(name: str) -> Backend:
    """Return the keyring of that name out of those that there are; nothing else is imported."""
    import keyring
    from keyring import backend

    try:
        current = keyring.get_keyring()
        there = [current, *getattr(current, "backends", ()), *backend.get_all_keyring()]
    except Exception as error:  # noqa: BLE001  # a plug-in's
        raise _failed(name, "cannot be reached here", f"{type(error).__name__}: {error}") from None
    for candidate in there:
        if _name(candidate) == name:
            found: Backend = candidate
            return found
    raise _failed(name, "is not to be had here: not installed, or its service does not run")


def _name(backend: object) -> str:
    return f"{type(backend).__module__}.{type(backend).__qualname__}"


def _require_package() -> None:
    from importlib.util import find_spec

    if find_spec("keyring") is None:
        raise UsageError(
            "The keyring takes the package `keyring`, which is not installed.",
            next_step="pip install 'gemauth[keyring]'",
        )


def _bounded(
    work: Callable[[], T], whose: str, patience: float, given_up: threading.Event | None = None
) -> T:
    """Return what `work` does on a thread of its own, which is left alone when time is up."""
    done = threading.Event()
    outcome: list[tuple[T | None, BaseException | None]] = []

    def attempt() -> None:
        try:
            outcome.append((work(), None))
        except BaseException as error:  # noqa: BLE001  # raised again below, where somebody waits
            outcome.append((None, error))
        done.set()

    threading.Thread(target=attempt, name="gemauth-keyring", daemon=True).start()
    if not done.wait(patience):
        if given_up is not None:
            given_up.set()
        raise _failed(whose, f"did not answer within {patience:g} seconds")
    result, error = outcome[0]
    if error is not None:
        raise error
    value: Any = result
    return value  # type: ignore[no-any-return]


def _failed(name: str, what: str, told: str | None = None, *, again: bool = False) -> KeyringError:
    return KeyringError(
        f"{name} {what}.",
        next_step="Sign in to that profile again: gemauth login --client-id-file FILE --profile "
        "NAME --store keyring"
        if again
        else "Unlock it, or see what keyring says: python -m keyring diagnose. Nothing was kept "
        "anywhere else; gemauth login keeps credentials in a private file unless --store keyring "
        "is given.",
        evidence=told,
    )


def _none(told: str) -> UsageError:
    return UsageError(
        "This machine has no keyring that can be trusted with a secret.",
        next_step="Leave --store keyring out: the credentials go into a file that you alone can "
        "read. What there is: python -m keyring --list-backends",
        fault=Fault.MACHINE,
        evidence=told,
    )
