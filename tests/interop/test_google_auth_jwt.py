"""google.auth.jwt over plain gRPC: a service account's JWT for the RPC service that it calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import grpc
import pytest
from google.auth import jwt
from google.auth.transport.grpc import AuthMetadataPlugin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.interop.local_google import Google

pytestmark = pytest.mark.interop

API = "google.ai.generativelanguage.v1beta"


@pytest.fixture
def channel(google: Google, monkeypatch: pytest.MonkeyPatch) -> Iterator[grpc.Channel]:
    """A channel to Google's name, through the emulator's proxy, signed by a service account.

    gRPC names the service called, `https://HOST/PACKAGE.Service`, and the JWT has it as audience.
    """
    monkeypatch.setenv("grpc_proxy", google.address)
    authority = google.control.call("GET", "ca")["certificate"].encode()
    robot = jwt.OnDemandCredentials.from_service_account_info(google.service_account())
    credentials = grpc.composite_channel_credentials(
        grpc.ssl_channel_credentials(authority),
        grpc.metadata_call_credentials(AuthMetadataPlugin(robot, None)),
    )
    with grpc.secure_channel("generativelanguage.googleapis.com:443", credentials) as channel:
        yield channel


def test_a_jwt_for_the_service_called(channel: grpc.Channel) -> None:
    """Each service gets a JWT of its own, and takes it."""
    assert channel.unary_unary(f"/{API}.ModelService/ListModels")(b"", timeout=10)
    operations = channel.unary_unary("/google.longrunning.Operations/ListOperations")
    assert operations(b"", timeout=10) == b""


def test_what_has_no_handler(channel: grpc.Channel) -> None:
    """A method of the contract without a handler is UNIMPLEMENTED, once the caller is let in."""
    with pytest.raises(grpc.RpcError) as caught:
        channel.unary_unary(f"/{API}.FileService/ListFiles")(b"", timeout=10)
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED
    assert f"{API}.FileService.ListFiles" in caught.value.details()
