"""From a caller's arguments to a wish: a new sign-in with a client's file, or more scopes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.client.login.adding import with_more_scopes
from gemauth.client.login.destination import Destination
from gemauth.client.login.wish import with_client_file
from gemauth.client.quota_project import require_project
from gemauth.errors import UsageError

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Mapping

    from gemauth.client.login.wish import Wish
    from gemauth.flow import Flow

__all__ = ["asked"]


def asked(
    client_id_file: str | os.PathLike[str] | None,
    *,
    add_scopes: Iterable[str] | None,
    scopes: Iterable[str] | None,
    account: str | None,
    output: str | os.PathLike[str] | None,
    profile: str | None,
    in_keyring: bool | None,
    replace: bool,
    quota_project: str | None,
    emulator: str | None,
    environ: Mapping[str, str],
) -> Flow[Wish]:
    """Return the flow that makes the wish; arguments and errors are `login`'s."""
    if quota_project is not None:
        require_project(quota_project)
    destination = Destination.of(
        output, environ, profile=profile, in_keyring=in_keyring, replace=replace
    )
    if add_scopes is not None:
        if client_id_file is not None or scopes is not None:
            raise UsageError(
                "Scopes are added to a sign-in that there is, by the client that it names.",
                next_step="Leave the client's file and --scopes out, or --add-scopes.",
            )
        return (
            yield from with_more_scopes(
                destination,
                add_scopes,
                account=account,
                quota_project=quota_project,
                emulator=emulator,
                environ=environ,
            )
        )
    if client_id_file is None:
        raise UsageError(
            "A sign-in needs the file of an OAuth client.",
            next_step="Name it (gemauth login --client-id-file FILE), or ask for more scopes for "
            "the sign-in that there is (gemauth login --add-scopes LIST).",
        )
    return with_client_file(
        client_id_file,
        destination,
        scopes=scopes,
        account=account,
        quota_project=quota_project,
        emulator=emulator,
        environ=environ,
    )
