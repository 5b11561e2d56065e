"""Sign-ins that wait for their second step, in files of gemauth's own folder.

One file for each, named by a digest of its state: the answer that comes back leads to it, and to
nothing else, so that several wait beside each other. It holds the PKCE verifier and the OAuth
client, is readable for its owner only, and ends by itself. `take` is a rename: of two processes
that finish one sign-in, one has it (RFC 9700 section 4.7: a state serves once). What stays behind
is empty, and tells a second try what happened.

    <digest>.json     waits
    <digest>.used     was taken

Written by `gemauth login --start`, read by `gemauth login --finish`.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gemauth.client.cache import files
from gemauth.client.cache.places import own_folder
from gemauth.client.flows.sign_in import SignIn
from gemauth.client.login.destination import Destination
from gemauth.client.login.wish import Wish
from gemauth.client.target import target
from gemauth.errors import CredentialError, DataError, GemauthError, UsageError
from gemauth.google.client_secret import ClientSecret

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

__all__ = [
    "AGAIN",
    "LONGEST",
    "Waiting",
    "delete_old",
    "find",
    "forget",
    "keep",
    "put_back",
    "take",
]

LONGEST = 3600.0  # seconds that a sign-in may wait, and that an empty file is kept
_NOT_ITS_FORM = (ValueError, TypeError, KeyError, AttributeError, RecursionError)
AGAIN = "Begin a new one: gemauth login --start --client-id-file FILE"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A sign-in between its two steps.

    Attributes:
        wish: what was asked for, and where it goes.
        redirect_uri: where the answer was sent to.
        verifier: of PKCE (RFC 7636).
        expires_at: until when it may be finished, epoch seconds.
    """

    wish: Wish
    redirect_uri: str
    verifier: str = field(repr=False)
    expires_at: float

    def to_json(self) -> dict[str, Any]:
        """Return the file's object."""
        sign_in = self.wish.sign_in
        return {
            "client": sign_in.client.to_json(),
            "emulator": sign_in.endpoints.gemini if sign_in.endpoints.is_emulator else None,
            "scopes": sign_in.scopes,
            "account": sign_in.account,
            "adding": sign_in.adding,
            "destination": asdict(self.wish.destination),
            "quota_project": self.wish.quota_project,
            "earlier": self.wish.earlier,
            "redirect_uri": self.redirect_uri,
            "verifier": self.verifier,
            "expires_at": self.expires_at,
        }

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> Waiting:
        """Return what a file's object describes.

        Raises:
            KeyError: a member is missing; TypeError and ValueError: one is not what it should be.
            GemauthError: the client is none, or the emulator's address.
        """
        sign_in = SignIn(
            ClientSecret.from_json(body["client"]),
            target({}, body["emulator"]),
            tuple(body["scopes"]),
            body["account"],
            adding=body["adding"],
        )
        earlier = body["earlier"]
        wish = Wish(
            sign_in,
            Destination(**body["destination"]),
            body["quota_project"],
            None if earlier is None else tuple(earlier),
        )
        return cls(wish, body["redirect_uri"], body["verifier"], float(body["expires_at"]))


def keep(environ: Mapping[str, str], state: str, waiting: Waiting) -> Path:
    """Write a new sign-in down and return its file's path.

    Raises:
        UsageError: the environment names no home to keep it in.
        DataError: it cannot be written.
    """
    place = _place(environ, state)
    raw = json.dumps(waiting.to_json()).encode()
    files.write_private(place, raw)
    with contextlib.suppress(OSError):
        place.parent.chmod(files.FOLDER_MODE)
    return place


def find(environ: Mapping[str, str], state: str, now: float) -> Waiting:
    """Return the sign-in that a state belongs to.

    Raises:
        CredentialError: none does, or it has ended or was finished.
        DataError: its file cannot be read.
    """
    place = _place(environ, state)
    raw = files.read(place)
    if not raw:  # empty: it was taken between our open and our read
        raise _gone(place)
    waiting = _parse(place, raw)
    if now >= waiting.expires_at:
        files.delete(place)
        raise CredentialError("This sign-in has waited for too long.", next_step=AGAIN)
    return waiting


def take(environ: Mapping[str, str], state: str) -> None:
    """Make the sign-in of a state one's own: nobody else can finish it then.

    Raises:
        CredentialError: somebody else was first.
        DataError: the system refuses.
    """
    place = _place(environ, state)
    used = place.with_suffix(".used")
    try:
        place.rename(used)
        os.truncate(used, 0)  # in its place: a disk that is full takes no other file
    except FileNotFoundError:
        raise _gone(place) from None
    except OSError as error:
        raise DataError(
            f"{place} cannot be taken: {error.strerror or error}.",
            next_step="Check the folder's owner and permissions.",
        ) from None


def put_back(environ: Mapping[str, str], state: str, waiting: Waiting) -> None:
    """Let a sign-in that was taken wait again: its code was not spent."""
    keep(environ, state, waiting)
    files.delete(_place(environ, state).with_suffix(".used"))


def delete_old(environ: Mapping[str, str], now: float) -> None:
    """Delete what has ended, and what a process that was killed left behind."""
    folder = own_folder(environ)
    if folder is None:
        return
    with contextlib.suppress(OSError):
        for path in [*(Path(folder) / "sign-ins").iterdir()]:
            with contextlib.suppress(OSError):
                if _is_over(path, now):
                    path.unlink(missing_ok=True)


def forget(environ: Mapping[str, str], places: Collection[str]) -> None:
    """Delete those whose credentials would go to one of these files."""
    folder = own_folder(environ)
    with contextlib.suppress(OSError):
        for path in [*(Path(folder) / "sign-ins").glob("*.json")] if folder is not None else []:
            with contextlib.suppress(DataError, OSError, *_NOT_ITS_FORM):
                if json.loads(files.read(path) or b"")["destination"]["path"] in places:
                    path.unlink(missing_ok=True)


def _is_over(path: Path, now: float) -> bool:
    """Whether nobody can finish with a file; one that cannot be read goes when it is old."""
    if path.suffix == ".json" and not path.name.startswith("."):
        with contextlib.suppress(DataError, *_NOT_ITS_FORM):
            return now >= float(json.loads(files.read(path) or b"")["expires_at"])
    return now >= path.stat().st_mtime + LONGEST


def _gone(place: Path) -> CredentialError:
    if place.with_suffix(".used").exists():
        return CredentialError(
            "This answer was used already; each one finishes a sign-in once.",
            next_step=f"See whether it went well: gemauth status. {AGAIN}",
        )
    return CredentialError(
        "No sign-in waits here for this answer: it has ended, or was begun elsewhere.",
        next_step=f"Finish it where it was begun, with the same HOME. {AGAIN}",
    )


def _parse(place: Path, raw: bytes) -> Waiting:
    try:
        return Waiting.from_json(json.loads(raw))
    except (GemauthError, *_NOT_ITS_FORM):
        raise DataError(f"{place} is no sign-in that waits.", next_step=AGAIN) from None


def _place(environ: Mapping[str, str], state: str) -> Path:
    folder = own_folder(environ)
    if folder is None:
        raise UsageError(
            "There is no home folder for a sign-in to wait in: HOME is not set.",
            next_step="Set HOME or XDG_CONFIG_HOME, and the same one for both steps.",
        )
    # The whole digest: a state is compared by it.
    return Path(folder) / "sign-ins" / f"{hashlib.sha256(state.encode()).hexdigest()}.json"
