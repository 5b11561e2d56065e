"""What is asked for when somebody signs in, and where the client that asks comes from.

Every way of signing in begins with a `Wish`; `keeping.keep` ends it.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gemauth.client.advice import NEW_CLIENT
from gemauth.client.cache import files
from gemauth.client.flows.sign_in import SignIn
from gemauth.client.target import EMULATOR_VARIABLE, of_client, target
from gemauth.errors import DataError, NotFoundError
from gemauth.google import scopes as google_scopes
from gemauth.google.client_secret import ClientSecret, WrongFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gemauth.client.login.destination import Destination

__all__ = ["Wish", "read_client", "with_client_file"]


@dataclass(frozen=True, slots=True)
class Wish:
    """A sign-in, and what is to become of it.

    Attributes:
        sign_in: what the person is asked: by which client, where, for which scopes, as whom.
        destination: where the credentials go.
        quota_project: the project that they name to be billed.
        earlier: the scopes granted before, where a sign-in gets more; None for a new one.
    """

    sign_in: SignIn
    destination: Destination
    quota_project: str | None = None
    earlier: tuple[str, ...] | None = None

    @property
    def doubt(self) -> str | None:
        """What to tell first where nobody knows whose sign-in gets more scopes; else None.

        Its own tokens do not say: it was not granted `email`.
        """
        if self.earlier is None or self.sign_in.account is not None:
            return None
        return (
            f"Nobody knows whose sign-in {self.destination.path} holds: it was not granted email. "
            "Sign in with the same account; another one would take its place. To have that "
            "checked, say which it is: --account EMAIL."
        )

    def require_free(self, environ: Mapping[str, str] = os.environ) -> None:
        """See that the credentials may be kept, before a person signs in; errors as there."""
        self.destination.require_free(environ, emulated=self.sign_in.endpoints.is_emulator)


def with_client_file(
    client_id_file: str | os.PathLike[str],
    destination: Destination,
    *,
    scopes: Iterable[str] | None,
    account: str | None,
    quota_project: str | None,
    emulator: str | None,
    environ: Mapping[str, str],
) -> Wish:
    """Return the wish to sign in anew with a client's file; arguments and errors are `login`'s."""
    asked_for = target(environ, emulator) if emulator or environ.get(EMULATOR_VARIABLE) else None
    client = read_client(Path(client_id_file), emulated=asked_for is not None)
    endpoints = of_client(client, asked_for)
    names = google_scopes.DEFAULT if scopes is None else google_scopes.expand(scopes)
    sign_in = SignIn(client, endpoints, names or google_scopes.DEFAULT, account)
    return Wish(sign_in, destination, quota_project)


def read_client(path: Path, *, emulated: bool = False) -> ClientSecret:
    """Return the OAuth client of a client_secret_….json; `emulated` says who makes such files.

    Raises:
        NotFoundError: there is no such file.
        WrongFile: it is another file of Google's, or lacks the client's secret.
        DataError: it is no client file.
    """
    new = NEW_CLIENT.on(emulated=emulated)
    raw = files.read(path, named=True)
    if raw is None and path.name.endswith(".apps.googleusercontent.com"):
        raise NotFoundError(
            f"{path} is an OAuth client's id; the client's file is needed, which has its secret.",
            next_step=new,
        )
    if raw is None:
        raise NotFoundError(
            f"There is no OAuth client file at {path}.",
            next_step=new,
        )
    try:
        return ClientSecret.from_json(json.loads(raw))
    except (ValueError, RecursionError):
        raise DataError(f"{path} is no JSON file.", next_step=new) from None
    except WrongFile as error:
        raise WrongFile(f"{path}: {error.message}", next_step=error.next_step) from None
    except DataError as error:
        raise DataError(f"{path}: {error.message}", next_step=new) from None
