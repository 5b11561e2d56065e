"""Sign in: read the client file, run the flow that fits the machine, keep the credentials.

`gemauth login` and `gemauth.login()` are this module.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from gemauth.client.credentials import Credentials
    from gemauth.client.transport import Transport
    from gemauth.clock import Clock

__all__ = ["SignedIn", "login"]


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What a sign-in brought.

    Attributes:
        credentials: ready for use.
        path: the ADC file that was written.
        account: the e-mail address, where it was granted.
        granted: the scopes granted (full URLs).
        missing: the scopes asked for and not granted: boxes left unticked.
        refresh_until: the end of the sign-in itself (epoch seconds), None where it has none.
    """

    credentials: Credentials
    path: str
    account: str | None
    granted: tuple[str, ...]
    missing: tuple[str, ...]
    refresh_until: float | None


def login(
    client_id_file: str | os.PathLike[str],
    *,
    scopes: Iterable[str] | None = None,
    account: str | None = None,
    browser: bool | None = None,
    port: int = 0,
    timeout: float = 300.0,
    output: str | os.PathLike[str] | None = None,
    replace: bool = False,
    quota_project: str | None = None,
    emulator: str | None = None,
    environ: Mapping[str, str] = os.environ,
    show: Callable[[str], None] | None = None,
    ask: Callable[[str], str] | None = None,
    transport: Transport | None = None,
    clock: Clock | None = None,
) -> SignedIn:
    """Sign a person in with their own desktop OAuth client, and keep the credentials as ADC.

    Args:
        client_id_file: the client_secret_….json of a desktop client.
        scopes: full or short names; None takes `scopes.DEFAULT`.
        account: the e-mail address that has to sign in.
        browser: True waits for the browser's redirect, False has the person paste it, None takes
            what the machine can do.
        port: of the listener; 0 takes any free one.
        timeout: seconds to wait for the browser.
        output: where to write instead of the well-known ADC place.
        replace: overwrite a file that the sign-in would otherwise spare.
        quota_project: written into the file.
        emulator: an emulator's address; goes before GEMAUTH_EMULATOR and the client file.
        environ: the environment variables.
        show: tells the person a line; None writes to stderr.
        ask: asks the person for a line; None asks on the terminal.
    """
    raise NotImplementedError
