"""Where a sign-in's credentials are kept: a profile, the well-known ADC file, or any other.

Plain values only: a sign-in in two steps writes it down in between (`two_step.py`).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gemauth.client.cache import adc
from gemauth.client.cache.places import PROFILE_VARIABLE, option
from gemauth.client.profiles import store, using
from gemauth.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gemauth.client.cache.adc import CredentialFile
    from gemauth.google.credentials import AuthorizedUser

__all__ = ["Destination"]


@dataclass(frozen=True, slots=True)
class Destination:
    """A place for a person's credentials.

    Attributes:
        path: the ADC file's, absolute: the process that writes it may stand in another folder.
        replace: whether a file gives way that a sign-in would otherwise spare.
        in_keyring: whether the secrets go into the keyring; None: as those that are there now.
    """

    path: str
    replace: bool = False
    in_keyring: bool | None = None

    @classmethod
    def of(
        cls,
        output: str | os.PathLike[str] | None,
        environ: Mapping[str, str],
        *,
        profile: str | None = None,
        in_keyring: bool | None = None,
        replace: bool = False,
    ) -> Destination:
        """Return the place that is named: a file, a profile, GEMAUTH_PROFILE's, else that of ADC.

        Raises:
            UsageError: two are named, nothing can have the profile's name, `-` is named, or none is
                and the environment names no home.
        """
        if output is not None and profile is not None:
            raise UsageError(
                "A sign-in is kept in a profile or in a file of your own, not in both.",
                next_step="Leave --output or --profile out.",
            )
        if output == "-":
            raise UsageError(
                "Credentials are kept in a file, and never printed.",
                next_step="Name the file: --output FILE (./- is one of that name).",
            )
        name = profile or environ.get(PROFILE_VARIABLE)
        if output is not None:
            path = Path(output)
        else:
            path = store.place(environ, name) if name else adc.well_known(environ)
        return cls(str(path.absolute()), replace, in_keyring)

    def option(self, environ: Mapping[str, str]) -> str:
        """Return what names this place on a command line, after a space; nothing for ADC's own."""
        return option(environ, self.path)

    def require_free(self, environ: Mapping[str, str] = os.environ, *, emulated: bool) -> None:
        """See that credentials may go there, before a person signs in for them.

        Raises:
            UsageError: something is there that would be lost, or the keyring is not for it.
            KeyringError: the keyring does not work.
            DataError: nothing can be written there.
        """
        using.require_free(
            environ,
            Path(self.path),
            emulated=emulated,
            replace=self.replace,
            in_keyring=self.in_keyring,
        )

    def read(self) -> CredentialFile:
        """Return the credentials that are there.

        Raises:
            NotFoundError: there are none.
            DataError: they cannot be read.
        """
        return adc.read(Path(self.path))

    def write(
        self, user: AuthorizedUser, environ: Mapping[str, str], *, same: bool = False
    ) -> CredentialFile:
        """Write credentials there, and to the copy of a profile that is in use.

        Args:
            user: what is kept.
            environ: the environment variables.
            same: whether it is the person whose sign-in was there, whatever is known of them.

        Raises:
            DataError: it cannot be written; what was there is as it was.
            KeyringError: the keyring does not keep it.
        """
        path = Path(self.path)
        return using.keep(environ, path, user, in_keyring=self.in_keyring, same=same)
