"""What a caller asks for, beside the credential itself; and where tokens of it are kept.

Made by `chain.py`, read by `files.py` and `given.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gemauth.client.cache import tokens
from gemauth.client.sources.cached import Remembered, Stored
from gemauth.errors import UsageError
from gemauth.google import scopes as google_scopes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gemauth.client.token import TokenSource
    from gemauth.google.endpoints import Endpoints

__all__ = ["Wanted"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the caller asked for.

    Attributes:
        scopes: full scope URLs, or None for whatever is usual.
        quota_project: goes before the file's own.
        endpoints: where calls are to go, or None for where the credential belongs.
        environ: the environment variables.
        acting: delegates, and the service account to act as; None for nobody.
        lifetime: seconds that the tokens of that account are to live, None for the usual hour.
        subject: the person to act as with a key.
        self_signed: whether a key signs its tokens itself.

    Raises:
        UsageError: more than one of acting, subject and self-signed was asked for.
    """

    scopes: tuple[str, ...] | None
    quota_project: str | None
    endpoints: Endpoints | None
    environ: Mapping[str, str]
    acting: tuple[tuple[str, ...], str] | None = None
    subject: str | None = None
    self_signed: bool = False
    lifetime: int | None = None

    def __post_init__(self) -> None:
        if (self.acting is not None) + (self.subject is not None) + self.self_signed > 1:
            raise UsageError(
                "A service account is impersonated, or its key acts as a person, or it signs its "
                "tokens itself: one of the three.",
                next_step="Leave out two of --impersonate-service-account, --subject and "
                "--self-signed.",
            )

    @property
    def narrowed(self) -> tuple[str, ...]:
        """The scopes to put into a person's refresh; none takes all that were granted.

        Who is to act as somebody else asks with everything there is: the scopes are the other's.
        """
        return () if self.acting is not None else self.scopes or ()

    def machines(self, usual: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Return the scopes for a service account's token.

        Args:
            usual: those that its file names.
        """
        if self.acting is not None:
            return (google_scopes.IAM,)  # as google-auth asks on behalf of another (section 10)
        return self.scopes or usual or google_scopes.DEFAULT

    def kept(
        self, source: TokenSource, credential: bytes, endpoints: Endpoints, how: str = ""
    ) -> TokenSource:
        """Return a source that remembers its token, on disk too where there is a home.

        Args:
            source: asked for tokens.
            credential: the file's bytes.
            endpoints: whose tokens they are.
            how: what else makes the token another one, beside file, scopes and server.
        """
        address = endpoints.gemini if endpoints.is_emulator else ""
        place = tokens.entry(self.environ, credential, self.scopes or (), address, how)
        return Remembered(source) if place is None else Stored(source, place)
