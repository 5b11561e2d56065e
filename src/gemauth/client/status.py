"""Which credentials are in use, what shadows them, and what is known of them, without asking.

Everything is read from files and variables (`gemauth status`); with `online` the server is asked
too. What nobody has written down is None, never a guess. google-oauth.md 6.4, 6.5 and 7.5.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from gemauth.client.cache import adc, tokens
from gemauth.client.cache.places import adc_path
from gemauth.client.flows.tokeninfo import tokeninfo
from gemauth.client.sources import chain
from gemauth.client.sources.chain import VARIABLE
from gemauth.errors import DataError, GemauthError, UnreachableError
from gemauth.google.credentials import AuthorizedUser, ServiceAccountKey

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal, NoReturn

    from gemauth.client.credentials import Credentials
    from gemauth.client.world import Sender
    from gemauth.flow import Flow
    from gemauth.http import Request

__all__ = ["Place", "Status", "ask", "places", "read"]

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
    """

    places: tuple[Place, ...]
    credentials: Credentials | None = None
    problem: GemauthError | None = None
    token_until: float | None = None
    asked: bool = False


class _Offline:
    """A transport that reaches nobody."""

    def send(self, request: Request, timeout: float | None = None) -> NoReturn:  # noqa: ARG002  # as Sender
        """Refuse to send anything."""
        raise UnreachableError("Nothing is sent while offline.")


def read(
    environ: Mapping[str, str],
    *,
    credentials: str | None = None,
    quota_project: str | None = None,
    emulator: str | None = None,
    transport: Sender | None = None,
) -> Status:
    """Return what files and variables say.

    Args:
        environ: the environment variables.
        credentials: a file that goes before every other place.
        quota_project: goes before GOOGLE_CLOUD_QUOTA_PROJECT and the file's own.
        emulator: an emulator's address; goes before GEMAUTH_EMULATOR.
        transport: looks for a metadata server where there is no file; None does not look.
    """
    looked = places(environ, credentials)
    try:
        found = (
            chain.default(
                quota_project=quota_project,
                emulator=emulator,
                environ=environ,
                transport=transport or _Offline(),
            )
            if credentials is None
            else chain.load(
                credentials, quota_project=quota_project, emulator=emulator, environ=environ
            )
        ).credentials
    except GemauthError as error:
        return Status(looked, problem=error)
    if found.path is None and found.kind == "metadata":
        machine = replace(looked[-1], state="used", holds="a service account of this machine")
        looked = (*looked[:-1], machine)
    return Status(looked, found, token_until=_cached_until(environ, found))


def ask(status: Status) -> Flow[Status]:
    """Return the flow that asks the server about the token in use, and takes its word.

    Raises:
        CredentialError: the server no longer accepts the credentials.
        UnreachableError: it could not be asked.
    """
    credentials = status.credentials
    assert credentials is not None, "asked about nothing"
    token = yield from credentials.source.token()
    info = yield from tokeninfo(credentials.endpoints, token.value)
    told = replace(credentials, scopes=info.scopes, account=info.account or credentials.account)
    return replace(
        status, credentials=told, token_until=info.expires_at or token.expires_at, asked=True
    )


def places(environ: Mapping[str, str], named: str | None = None) -> tuple[Place, ...]:
    """Return every place of credentials in Google's order, the one named by hand before all."""
    variable = environ.get(VARIABLE) or None
    own = adc_path(environ)
    files = [] if named is None else [("--credentials", named)]
    files.append((VARIABLE, variable or ""))
    if own is None or own != variable:
        files.append(("the well-known ADC file", own or ""))
    looked: list[Place] = []
    taken = False
    for name, path in files:
        holds = None if not path else _holds(Path(path))
        if path == named == chain.GCLOUD:
            holds = "gcloud's own sign-in"
        if holds is None:
            # A path that is set by hand and leads nowhere is an error, never passed over (6.5).
            stuck = bool(path) and name != "the well-known ADC file"
            nothing = "no such file" if path else "not set"
            looked.append(Place(name, path or None, "empty", nothing))
        else:
            stuck = True
            looked.append(Place(name, path, "shadowed" if taken else "used", holds))
        taken = taken or stuck
    machine = "asked only where there is no file"
    looked.append(Place(METADATA, None, "shadowed" if taken else "unasked", machine))
    return tuple(looked)


def _holds(path: Path) -> str | None:
    if path.exists() and not path.is_file():
        return "no regular file: read only by what uses it"  # a pipe can be read but once
    try:
        file = adc.find(path)
    except DataError as error:
        return error.message
    if file is None:
        return None
    kept = file.credentials
    whose = ""
    if isinstance(kept, AuthorizedUser):
        whose = kept.account
    elif isinstance(kept, ServiceAccountKey):
        whose = kept.client_email
    return f"{kept.type} {whose}".rstrip()


def _cached_until(environ: Mapping[str, str], credentials: Credentials) -> float | None:
    if credentials.path is None or not Path(credentials.path).is_file():
        return None
    try:
        file = adc.find(Path(credentials.path))
    except DataError:
        return None
    address = credentials.endpoints.gemini if credentials.endpoints.is_emulator else ""
    place = None if file is None else tokens.entry(environ, file.raw, (), address)
    token = None if place is None else tokens.lookup(place)
    return None if token is None else token.expires_at
