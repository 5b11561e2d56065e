"""A service account's tokens, from its key: exchanged for scoped ones, or self-signed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from gemauth.client.flows.assertion import (
    exchange_assertion,
    exchange_for_identity,
    self_signed,
)
from gemauth.client.rsa_keys import signer
from gemauth.client.sources.answer import from_answer
from gemauth.client.target import of_key, require_side
from gemauth.errors import UsageError
from gemauth.flow import Disk, Now
from gemauth.google.endpoints import GEMINI_SERVICE

if TYPE_CHECKING:
    from gemauth.client.identity import IdentityToken
    from gemauth.client.rsa_keys import Sign
    from gemauth.client.token import AccessToken
    from gemauth.flow import Flow
    from gemauth.google.credentials import ServiceAccountKey
    from gemauth.google.endpoints import Endpoints

__all__ = ["AUDIENCE", "Exchanged", "SelfSigned"]

# Google's address, also toward an emulator: SDKs write it wherever they send the token
# (gemini-api.md section 0, fact 3).
AUDIENCE = f"https://{GEMINI_SERVICE}/"


class Exchanged:
    """Trades a signed assertion for a scoped access token at every call; wrap it in a cache.

    The default toward the Gemini API: a scoped token is what its method table asks for. With a
    subject the token is that person's (domain-wide delegation), and the person's are its rights.

    Args:
        key: signs.
        endpoints: whose token endpoint is asked.
        scopes: full scope URLs.
        subject: the person to act as, or None.
        notes: the folder that remembers which keys are valid (`client/rsa_keys.py`), or None.
    """

    def __init__(
        self,
        key: ServiceAccountKey,
        endpoints: Endpoints,
        scopes: tuple[str, ...],
        *,
        subject: str | None = None,
        notes: str | None = None,
    ) -> None:
        self._key = key
        self._endpoints = endpoints
        self._scopes = scopes
        self._subject = subject
        self._notes = notes

    def token(self, *, fresh: bool = False) -> Flow[AccessToken]:  # noqa: ARG002  # always fresh
        """Return a new token; errors as `flows.assertion.exchange_assertion`."""
        sign = yield from _signer(self._key, self._notes)
        asked: float = yield Now()
        answer = yield from exchange_assertion(
            self._key, self._endpoints, self._scopes, subject=self._subject, sign=sign
        )
        return from_answer(answer, asked, self._scopes)

    def identity(
        self,
        audience: str | None,
        *,
        include_email: bool = False,  # noqa: ARG002  # it always does (google-oauth.md 2.2)
    ) -> Flow[IdentityToken]:
        """Return a new ID token of the account; errors as `flows.assertion.exchange_for_identity`.

        Raises:
            UsageError: there is no audience; or the tokens are a person's, of whom this grant has
                no ID tokens (google-auth sends it no `sub`).
        """
        from gemauth.client.identity import IdentityToken, required

        if self._subject is not None:
            raise UsageError(
                "A service account's key gets ID tokens of the account itself, and none of the "
                "person that it acts as.",
                next_step="Leave out the subject.",
            )
        audience = required(audience)
        sign = yield from _signer(self._key, self._notes)
        answer = yield from exchange_for_identity(self._key, self._endpoints, audience, sign=sign)
        return IdentityToken.read(answer.id_token, audience)


class SelfSigned:
    """Signs a bearer token itself, as Google's own libraries do: no token endpoint is asked.

    Args:
        key: signs.
        endpoints: the Google whose API it is for.
        scopes: go into the token; without any, the API itself is its audience.
        notes: as `Exchanged`'s.

    Raises:
        CredentialError: the key belongs to the other side (real, emulator).
        UsageError: its token endpoint is neither Google's nor an emulator's.
    """

    def __init__(
        self,
        key: ServiceAccountKey,
        endpoints: Endpoints,
        scopes: tuple[str, ...] = (),
        *,
        notes: str | None = None,
    ) -> None:
        require_side(endpoints, emulated=of_key(key), what="The service account's key")
        self._key = key
        self._scopes = scopes
        self._notes = notes

    def token(self, *, fresh: bool = False) -> Flow[AccessToken]:  # noqa: ARG002  # always fresh
        """Return a new token.

        Raises:
            DataError: the private key cannot be read.
        """
        sign = yield from _signer(self._key, self._notes)
        now: float = yield Now()
        if self._scopes:
            return self_signed(self._key, now, scopes=self._scopes, sign=sign)
        return self_signed(self._key, now, audience=AUDIENCE, sign=sign)

    def identity(
        self,
        audience: str | None,  # noqa: ARG002  # IdentitySource's
        *,
        include_email: bool = False,  # noqa: ARG002  # IdentitySource's
    ) -> Flow[IdentityToken]:
        """Return nothing: an ID token has Google's signature, and here no server is asked.

        Raises:
            UsageError: always.
        """
        raise UsageError(
            "A key that signs its tokens itself makes no ID tokens: Google signs those.",
            next_step="Have them exchanged instead: leave out self_signed.",
        )


def _signer(key: ServiceAccountKey, notes: str | None) -> Flow[Sign | None]:
    """Return the key's signature; None, where nothing is noted, leaves that to whoever signs."""
    if notes is None:
        return None
    sign: Sign = yield Disk(partial(signer, key.private_key, key.client_email, notes))
    return sign
