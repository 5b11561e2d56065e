"""A Google Cloud machine's metadata server: its service account's tokens (google-oauth.md 5.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from gemauth.client.sources.answer import from_answer
from gemauth.errors import CredentialError, Fault, GemauthError
from gemauth.flow import Now, Send
from gemauth.http import Headers, Request, Response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gemauth.client.identity import IdentityToken
    from gemauth.client.token import AccessToken
    from gemauth.client.world import Sender
    from gemauth.flow import Flow

__all__ = ["Metadata", "host", "is_there"]

_FLAVOR = Headers({"Metadata-Flavor": "Google"})
_ACCOUNT = "/computeMetadata/v1/instance/service-accounts/default"
PROBE_SECONDS = 3.0


def host(environ: Mapping[str, str]) -> str:
    """Return the server's host (and port), from GCE_METADATA_HOST or its older name."""
    named = environ.get("GCE_METADATA_HOST") or environ.get("GCE_METADATA_ROOT")
    return named or "metadata.google.internal"


def is_there(environ: Mapping[str, str], transport: Sender) -> bool:
    """Whether a metadata server answers, within `PROBE_SECONDS` seconds or GCE_METADATA_TIMEOUT.

    Asked at GCE_METADATA_IP, as Google's libraries do. Where only GCE_METADATA_HOST is set it is
    asked there: google-auth would go to 169.254.169.254 nevertheless and not find it (6.4).
    """
    named = environ.get("GCE_METADATA_HOST") or environ.get("GCE_METADATA_ROOT")
    address = environ.get("GCE_METADATA_IP") or named or "169.254.169.254"
    try:
        seconds = float(environ.get("GCE_METADATA_TIMEOUT") or PROBE_SECONDS)
    except ValueError:
        seconds = PROBE_SECONDS
    try:
        answer = transport.send(Request("GET", f"http://{address}/", _FLAVOR), timeout=seconds)
    except GemauthError:
        return False
    return answer.status == 200 and answer.headers.get("Metadata-Flavor") == "Google"


class Metadata:
    """Asks the metadata server at every call; it caches by itself, and we do once more."""

    def __init__(self, address: str, scopes: tuple[str, ...]) -> None:
        self._address = address
        self._scopes = scopes

    def token(self, *, fresh: bool = False) -> Flow[AccessToken]:  # noqa: ARG002  # the server's matter
        """Return a token of the machine's default service account.

        Raises:
            CredentialError: the machine has no service account, or it may not have these scopes.
            UnreachableError: the server does not answer.
        """
        asked: float = yield Now()
        query = urlencode({"scopes": ",".join(self._scopes)})
        url = f"http://{self._address}{_ACCOUNT}/token?{query}"
        answer: Response = yield Send(Request("GET", url, _FLAVOR))
        if answer.status != 200:
            raise CredentialError(
                f"The metadata server gave no token: HTTP {answer.status}.",
                next_step="Attach a service account to the machine, with the scopes that the "
                "Gemini API needs (cloud-platform alone is not enough).",
                fault=Fault.PROJECT,
                evidence=answer.body[:200].decode("utf-8", "replace"),
            )
        from gemauth.oauth.token import TokenResponse

        return from_answer(TokenResponse.from_json(answer.json()), asked, self._scopes)

    def identity(
        self,
        audience: str | None,
        *,
        include_email: bool = False,  # noqa: ARG002  # a full one always does
    ) -> Flow[IdentityToken]:
        """Return a new ID token of the machine's default service account.

        It is a full one, as google-auth's: it tells the address, and on Compute Engine the machine.

        Raises:
            UsageError: there is no audience.
            CredentialError: the machine has no service account.
            UnreachableError: the server does not answer.
        """
        from gemauth.client.identity import IdentityToken, required

        audience = required(audience)
        query = urlencode({"audience": audience, "format": "full"})
        url = f"http://{self._address}{_ACCOUNT}/identity?{query}"
        answer: Response = yield Send(Request("GET", url, _FLAVOR))
        if answer.status != 200:
            raise CredentialError(
                f"The metadata server gave no ID token: HTTP {answer.status}.",
                next_step="Attach a service account to the machine.",
                fault=Fault.PROJECT,
                evidence=answer.body[:200].decode("utf-8", "replace"),
            )
        return IdentityToken.read(answer.body.decode("utf-8", "replace").strip(), audience)
