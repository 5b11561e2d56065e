"""The published package google-ai-generativelanguage beside our typed client, at one recorder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.auth.credentials import AnonymousCredentials
from google.protobuf import json_format

if TYPE_CHECKING:
    from tests.interop.recorder import Recorder

__all__ = ["read", "rest_clients"]


def rest_clients(server: Recorder, *kinds: Any) -> list[Any]:
    """Return clients of these kinds, with the package's own REST transports."""
    return [
        kind(
            transport=kind.get_transport_class("rest")(
                host=f"127.0.0.1:{server.port}",
                url_scheme="http",
                credentials=AnonymousCredentials(),
            )
        )
        for kind in kinds
    ]


def read(text: str, message: Any) -> Any:
    """Return the message that a JSON text means, strictly: every name must be known."""
    return json_format.Parse(text, message.pb(message()), ignore_unknown_fields=False)
