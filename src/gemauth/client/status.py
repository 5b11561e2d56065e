"""Which credentials are in use, what shadows them, and what is known of them, without asking.

Everything is read from files and variables (`gemauth status`); with `online` the server is asked
too. What nobody has written down is None, never a guess. google-oauth.md 6.4, 6.5 and 7.5.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gemauth.client.cache import files, tokens
from gemauth.client.cache.keyring import Pointer
from gemauth.client.cache.places import PROFILE_VARIABLE, adc_path, profile_path
from gemauth.client.flows.tokeninfo import tokeninfo
from gemauth.client.profiles import copies, store
from gemauth.client.sources import chain
from gemauth.client.sources.cached import Stored
from gemauth.client.sources.chain import VARIABLE
from gemauth.errors import CredentialError, DataError, GemauthError, UnreachableError
from gemauth.google.credentials import AuthorizedUser, ServiceAccountKey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Literal, NoReturn

    from gemauth.client.credentials import Credentials
    from gemauth.client.sources.chain import Found
    from gemauth.client.world import Sender
    from gemauth.flow import Flow
    from gemauth.google.credentials import Credentials as FileCredentials
    from gemauth.http import Request

__all__ = ["Place", "Status", "ask", "places", "read"]

ADC = "the well-known ADC file"
METADATA = "the metadata server"


@dataclass(frozen=True, slots=True)
class Place:
    """One place where credentials may be.

    Attributes:
        name: the variable, the file or the server.
        path: the file that it leads to, if any.
        state: `used`; `shadowed` by an earlier one; `empty`; `unasked`, where only the network
            knows.
        holds: what is there, for people.
    """

    name: str
    path: str | None
    state: Literal["used", "shadowed", "empty", "unasked"]
    holds: str


@dataclass(frozen=True, slots=True)
class Status:
    """What is known of the credentials in use.

    Attributes:
        places: everywhere that was looked at, in Google's order.
        credentials: those in use, None where `problem` says why there are none.
        problem: what keeps them from being used.
        token_until: the end of the cached access token (epoch seconds), None without one.
        asked: whether the server was asked; its word replaces what was remembered.
        profile: the profile that they are, or that the file is a copy of.
        keyring: the keyring that has their secrets, None where the file itself has them.
    """

    places: tuple[Place, ...]
    credentials: Credentials | None = None
    problem: GemauthError | None = None
    token_until: float | None = None
    asked: bool = False
    profile: str | None = None
    keyring: str | None = None


class _Offline:
    """A transport that reaches nobody."""

    def send(self, request: Request, timeout: float | None = None) -> NoReturn:  # noqa: ARG002  # as Sender
        """Refuse to send anything."""
        raise UnreachableError("Nothing is sent while offline.")


def read(
    environ: Mapping[str, str],
    *,
    credentials: str | None = None,
    profile: str | None = None,
    token_file: str | None = None,
    quota_project: str | None = None,
    emulator: str | None = None,
    transport: Sender | None = None,
    find: Callable[[Sender], Found] | None = None,
) -> Status:
    """Return what files and variables say.

    Args:
        environ: the environment variables.
        credentials: a file that goes before every other place.
        profile: a profile's name, which does so too.
        token_file: the same, of an access token that is given.
        quota_project: goes before GOOGLE_CLOUD_QUOTA_PROJECT and the file's own.
        emulator: an emulator's address; goes before GEMAUTH_EMULATOR.
        transport: looks for a metadata server where there is no file; None does not look.
        find: finds the credentials instead, with whatever else was asked of them; the four before
            only say what was named then.
    """
    looked = places(environ, credentials, profile=profile, token_file=token_file)
    sender: Sender = transport or _Offline()
    where: dict[str, Any] = {
        "quota_project": quota_project,
        "emulator": emulator,
        "environ": environ,
    }
    try:
        if find is not None:
            found = find(sender).credentials
        elif credentials is not None:
            found = chain.load(credentials, **where).credentials
        else:
            found = chain.default(profile=profile, transport=sender, **where).credentials
    except GemauthError as error:
        return Status(looked, problem=error)
    if found.kind == "metadata":
        machine = replace(looked[-1], state="used", holds="a service account of this machine")
        looked = (*looked[:-1], machine)
    used = next((place for place in looked if place.state == "used"), None)
    no_file = token_file is not None or credentials == chain.GCLOUD
    file = None if used is None or no_file else used.path
    kept = None if file is None else _kept(Path(file))
    token = tokens.lookup(found.source.place) if isinstance(found.source, Stored) else None
    return Status(
        looked,
        found,
        token_until=None if token is None else token.expires_at,
        profile=None if used is None else _profile(environ, used),
        keyring=kept.backend if isinstance(kept, Pointer) else None,
    )


def ask(status: Status) -> Flow[Status]:
    """Return the flow that asks the server about the token in use, and takes its word.

    Where it does not know the cached token, it is asked for a new one: that tells whether it is the
    sign-in that is over.

    Raises:
        CredentialError: the server no longer accepts the credentials.
        UnreachableError: it could not be asked.
    """
    credentials = status.credentials
    assert credentials is not None, "asked about nothing"
    token = yield from credentials.source.token()
    try:
        info = yield from tokeninfo(credentials.endpoints, token.value)
    except CredentialError:
        again = yield from credentials.source.token(fresh=True)
        if again.value == token.value:  # one that was given, and that nothing renews
            raise
        token = again
        info = yield from tokeninfo(credentials.endpoints, token.value)
    told = replace(credentials, scopes=info.scopes, account=info.account or credentials.account)
    return replace(
        status, credentials=told, token_until=info.expires_at or token.expires_at, asked=True
    )


def places(
    environ: Mapping[str, str],
    named: str | None = None,
    *,
    profile: str | None = None,
    token_file: str | None = None,
) -> tuple[Place, ...]:
    """Return every place of credentials in Google's order, those named by hand before all.

    No keyring is opened.

    Args:
        environ: the environment variables.
        named: a credential file, or the word for gcloud's own sign-in.
        profile: a profile's name; without one GEMAUTH_PROFILE counts.
        token_file: the file of an access token that is given.
    """
    looked: list[Place] = []
    taken = token_file is not None
    if token_file is not None:
        looked.append(Place("--access-token-file", token_file, "used", "an access token"))
    for name, path in _files(environ, named, profile):
        if path == named == chain.GCLOUD:
            holds: str | None = "gcloud's own sign-in"
        else:
            holds = None if not path else _holds(Path(path))
        if holds is None:
            # A path that is set by hand and leads nowhere is an error, never passed over (6.5).
            stuck = bool(path) and name != ADC
            nothing = "no such file" if path else "not set"
            looked.append(Place(name, path or None, "empty", nothing))
        else:
            stuck = True
            looked.append(Place(name, path, "shadowed" if taken else "used", holds))
        taken = taken or stuck
    machine = "asked only where there is no file"
    looked.append(Place(METADATA, None, "shadowed" if taken else "unasked", machine))
    return tuple(looked)


def _files(
    environ: Mapping[str, str], named: str | None, profile: str | None
) -> Iterator[tuple[str, str]]:
    """Yield the places that are files: their names, and where they are (empty: nowhere)."""
    chosen = profile or environ.get(PROFILE_VARIABLE)
    if named is not None:
        yield "--credentials", named
    if chosen and named is None:
        place = profile_path(environ, chosen) or chosen
        yield f"--profile {chosen}" if profile else f"{PROFILE_VARIABLE}={chosen}", place
    variable, own = environ.get(VARIABLE) or "", adc_path(environ)
    yield VARIABLE, variable
    if own is None or own != variable:
        yield ADC, own or ""


def _profile(environ: Mapping[str, str], used: Place) -> str | None:
    """Return the profile that the place in use is, or is the copy of."""
    if used.path is None:
        return None
    name = store.name_of(environ, Path(used.path))
    if name is not None or used.path != adc_path(environ):
        return name
    copied = copies.in_use(environ)
    return None if copied is None else copied.profile


def _kept(path: Path) -> FileCredentials | Pointer | None:
    """Return what a file holds; None where there is none that can be read now.

    Raises:
        DataError: it is no credential file.
    """
    raw = None if files.is_other(path) else files.read(path)  # a pipe can be read but once
    return None if raw is None else store.parse(path, raw)


def _holds(path: Path) -> str | None:
    if files.is_other(path):
        return "no regular file: read only by what uses it"
    try:
        kept = _kept(path)
    except DataError as error:
        return error.message
    if kept is None:
        return None
    whose = ""
    if isinstance(kept, Pointer):
        return f"authorized_user {kept.account}".rstrip() + f", in the keyring {kept.backend}"
    if isinstance(kept, AuthorizedUser):
        whose = kept.account
    elif isinstance(kept, ServiceAccountKey):
        whose = kept.client_email
    return f"{kept.type} {whose}".rstrip()
