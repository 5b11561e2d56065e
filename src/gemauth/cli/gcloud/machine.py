"""The machine's own service account, as gcloud takes it from the metadata server.

On a machine of Google's it is the active account and its project the active project, unless a
person says otherwise. google-oauth.md 5.6; the tokens are `client/sources/metadata.py`'s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from gemauth.client.sources import metadata
from gemauth.client.transport import Transport
from gemauth.client.world import Network
from gemauth.errors import GemauthError
from gemauth.flow import run
from gemauth.http import Headers, Request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gemauth.client.token import AccessToken

__all__ = ["Machine", "find"]

_FLAVOR = Headers({"Metadata-Flavor": "Google"})
_ACCOUNT = "instance/service-accounts/default"


class Machine:
    """A metadata server that has a service account to give."""

    def __init__(self, environ: Mapping[str, str], email: str) -> None:
        self._environ = environ
        self.email = email

    @property
    def project(self) -> str | None:
        """The project that the machine is in."""
        return _ask(self._environ, "project/project-id")

    def access_token(self, scopes: tuple[str, ...]) -> AccessToken:
        """Return an access token; errors as `Metadata.token`."""
        source = metadata.Metadata(metadata.host(self._environ), scopes)
        with Transport(self._environ) as sender:
            return run(source.token(), Network(sender))

    def identity_token(self, audience: str) -> str | None:
        """Return an id token for an audience, or None where there is none."""
        query = urlencode({"audience": audience, "format": "standard"})
        return _ask(self._environ, f"{_ACCOUNT}/identity?{query}")


def find(environ: Mapping[str, str]) -> Machine | None:
    """Return the machine, or None where the environment names no metadata server that answers."""
    if not environ.get("GCE_METADATA_HOST") or environ.get("NO_GCE_CHECK") == "true":
        return None
    email = _ask(environ, f"{_ACCOUNT}/email")
    return None if email is None else Machine(environ, email)


def _ask(environ: Mapping[str, str], path: str) -> str | None:
    url = f"http://{metadata.host(environ)}/computeMetadata/v1/{path}"
    try:
        with Transport(environ) as sender:
            request = Request("GET", url, _FLAVOR)
            answer = sender.send(request, timeout=metadata.PROBE_SECONDS)
    except GemauthError:
        return None
    return answer.body.decode("utf-8", "replace").strip() or None if answer.ok else None
