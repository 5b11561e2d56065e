"""Where a sign-in's credentials are kept.

Plain values only: a sign-in in two steps writes it down in between (`two_step.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gemauth.client.cache import adc

if TYPE_CHECKING:
    import os
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
    """

    path: str
    replace: bool = False

    @classmethod
    def of(
        cls,
        output: str | os.PathLike[str] | None,
        environ: Mapping[str, str],
        *,
        replace: bool = False,
    ) -> Destination:
        """Return the place that is named, or the well-known one of ADC.

        Raises:
            UsageError: none is named, and the environment names no home.
        """
        path = adc.well_known(environ) if output is None else Path(output)
        return cls(str(path.absolute()), replace)

    def require_free(self, *, emulated: bool) -> None:
        """See that credentials may go there, before a person signs in for them.

        Raises:
            UsageError: something is there that would be lost.
            DataError: nothing can be written there.
        """
        adc.require_free(Path(self.path), emulated=emulated, replace=self.replace)

    def read(self) -> CredentialFile:
        """Return the credentials that are there.

        Raises:
            NotFoundError: there are none.
            DataError: they cannot be read.
        """
        return adc.read(Path(self.path))

    def write(self, user: AuthorizedUser) -> CredentialFile:
        """Write credentials there.

        Raises:
            DataError: it cannot be written; what was there is as it was.
        """
        return adc.write(Path(self.path), user)
