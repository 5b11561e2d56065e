"""What is known of a sign-in and has no place in the ADC file: scopes, account, its end.

It is kept in gemauth's own folder and not as extra members of the ADC file: google-auth, Node's
and Go's libraries would ignore those, but gcloud rewrites the file without them, and a stale
remark about another grant would be worse than none. So each is filed under a digest of its own
refresh token and simply is not found for any other. It holds no secret, and nothing depends on
it: what cannot be read counts as unknown.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gemauth.client.cache import files
from gemauth.client.cache.places import own_folder
from gemauth.client.cache.tokens import sha256
from gemauth.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Grant", "digest", "forget", "forget_digest", "recall", "recall_digest", "remember"]


@dataclass(frozen=True, slots=True)
class Grant:
    """One sign-in, as remembered.

    Attributes:
        scopes: granted.
        account: the e-mail address, where it was granted.
        refresh_until: the end of the refresh token (epoch seconds), None where it has none.
        project: the OAuth client's project.
        emulator: the address of the emulator that granted it, None for Google.
    """

    scopes: tuple[str, ...] = ()
    account: str | None = None
    refresh_until: float | None = None
    project: str | None = None
    emulator: str | None = None


def remember(environ: Mapping[str, str], refresh_token: str, grant: Grant) -> None:
    """Keep what is known of a grant; without a home, or where it cannot be written, do nothing."""
    place = _place(environ, refresh_token)
    if place is not None:
        try:
            files.write_private(place, json.dumps(asdict(grant), indent=2).encode())
        except DataError:
            return


def recall(environ: Mapping[str, str], refresh_token: str) -> Grant | None:
    """Return what is known of the grant behind a refresh token, or None."""
    return recall_digest(environ, digest(refresh_token))


def recall_digest(environ: Mapping[str, str], name: str) -> Grant | None:
    """Return what is known of the grant behind a refresh token with this digest, or None."""
    place = _filed(environ, name)
    try:
        raw = None if place is None else files.read(place)
        return None if raw is None else _grant(json.loads(raw))
    except (DataError, ValueError, TypeError, KeyError, RecursionError):
        return None


def forget(environ: Mapping[str, str], refresh_token: str) -> None:
    """Delete what is known of a grant."""
    forget_digest(environ, digest(refresh_token))


def forget_digest(environ: Mapping[str, str], name: str) -> None:
    """Delete what is known of the grant behind a refresh token with this digest."""
    place = _filed(environ, name)
    if place is not None:
        files.delete(place)


def _grant(body: Any) -> Grant:  # noqa: ANN401  # what a file may hold
    known = Grant(**{**body, "scopes": tuple(body["scopes"])})
    told = (known.account, known.project, known.emulator)
    if (
        not all(isinstance(scope, str) for scope in known.scopes)
        or not all(isinstance(text, str | None) for text in told)
        or not isinstance(known.refresh_until, int | float | None)
    ):
        raise TypeError
    return known


def digest(refresh_token: str) -> str:
    """Return the name that a grant is filed under."""
    # 256 random bits are behind it: the digest gives nothing away.
    return sha256(refresh_token.encode())[:32]


def _place(environ: Mapping[str, str], refresh_token: str) -> Path | None:
    return _filed(environ, digest(refresh_token))


def _filed(environ: Mapping[str, str], name: str) -> Path | None:
    folder = own_folder(environ)
    if folder is None or not name.isalnum():
        return None
    return Path(folder) / "grants" / f"{name}.json"
