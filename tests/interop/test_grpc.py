"""grpcio, the GAPIC clients and google-generativeai's default transport, over gRPC.

Without TLS (h2c) where a test is about calls, with it where it is about credentials: grpcio
attaches google-auth's to TLS channels only.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from google.ai import generativelanguage_v1beta as glm
from google.ai.generativelanguage_v1beta.services.generative_service.transports import (
    GenerativeServiceGrpcTransport,
)
from google.ai.generativelanguage_v1beta.services.model_service.transports import (
    ModelServiceGrpcAsyncIOTransport,
    ModelServiceGrpcTransport,
)
from google.ai.generativelanguage_v1beta.services.permission_service.transports import (
    PermissionServiceGrpcTransport,
)
from google.api_core import exceptions
from google.auth.transport import requests as auth_requests
from google.auth.transport.grpc import AuthMetadataPlugin
from google.oauth2 import service_account
from google.protobuf import descriptor_pool, field_mask_pb2, message_factory
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (  # type: ignore[import-untyped]
    ProtoReflectionDescriptorDatabase,
)
from grpc_status import rpc_status  # type: ignore[import-untyped]

from tests.interop.local_google import ADA, GRACE, PROJECT
from tests.interop.test_google_auth import user

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.interop.local_google import Google

pytestmark = pytest.mark.interop

# Without NO_PROXY, grpcio would ask the environment's proxy for a loopback address, too.
OPTIONS = [("grpc.enable_http_proxy", 0)]
LIST_MODELS = "/google.ai.generativelanguage.v1beta.ModelService/ListModels"


@pytest.fixture
def channel(google: Google) -> Iterator[grpc.Channel]:
    """A channel without TLS."""
    with grpc.insecure_channel(f"127.0.0.1:{google.emulator.port}", OPTIONS) as channel:
        yield channel


@pytest.fixture
def models(channel: grpc.Channel) -> Any:
    """ModelService over that channel."""
    return glm.ModelServiceClient(transport=ModelServiceGrpcTransport(channel=channel))


@pytest.fixture
def permissions(channel: grpc.Channel) -> Any:
    """PermissionService over that channel."""
    return glm.PermissionServiceClient(transport=PermissionServiceGrpcTransport(channel=channel))


@pytest.fixture
def generative(channel: grpc.Channel) -> Any:
    """GenerativeService over that channel."""
    return glm.GenerativeServiceClient(transport=GenerativeServiceGrpcTransport(channel=channel))


def bearer(google: Google, email: str = ADA, *scopes: str) -> list[tuple[str, str]]:
    """Return metadata with a person's access token."""
    token = google.tokens(email, *(scopes or ("tuning",)))["access_token"]
    return [("authorization", f"Bearer {token}")]


def last_seen(google: Google) -> dict[str, Any]:
    """Return the last gRPC call as the emulator has it in its ledger."""
    return dict([seen for seen in google.control.requests() if seen["transport"] == "grpc"][-1])


class TestModels:
    def test_list_models(self, google: Google, models: Any) -> None:
        """GAPIC lists what REST lists; the server saw a person, over gRPC without TLS."""
        names = [model.name for model in models.list_models(metadata=bearer(google))]
        assert names == [m["name"] for m in google.get("/v1beta/models?pageSize=1000")["models"]]
        seen = last_seen(google)
        assert (seen["credential"], seen["principal"], seen["tls"]) == ("user", ADA, False)
        assert (seen["status"], seen["grpcStatus"], seen["path"]) == (200, "OK", LIST_MODELS)

    def test_pages(self, google: Google, models: Any) -> None:
        """Small pages are followed to the end."""
        pager = models.list_models({"page_size": 2}, metadata=bearer(google))
        pages = [len(page.models) for page in pager.pages]
        assert len(pages) > 1
        assert set(pages[:-1]) == {2}

    def test_async(self, google: Google) -> None:
        """The asyncio client, with twenty calls at a time."""

        async def call() -> None:
            address = f"127.0.0.1:{google.emulator.port}"
            async with grpc.aio.insecure_channel(address, OPTIONS) as channel:
                client = glm.ModelServiceAsyncClient(
                    transport=ModelServiceGrpcAsyncIOTransport(channel=channel)
                )
                metadata = bearer(google)
                pager = await client.list_models(metadata=metadata)
                names = [model.name async for model in pager]
                got = await asyncio.gather(
                    *(client.get_model(name=names[0], metadata=metadata) for _ in range(20))
                )
                assert {model.name for model in got} == {names[0]}
                with pytest.raises(exceptions.NotFound):
                    await client.get_model(name="models/none", metadata=metadata)

        asyncio.run(call())

    def test_api_key(self, google: Google, models: Any) -> None:
        """A key in the metadata."""
        assert list(models.list_models(metadata=[("x-goog-api-key", google.api_key)]))
        assert last_seen(google)["credential"] == "api_key"

    def test_life_of_a_tuned_model(self, google: Google, models: Any, permissions: Any) -> None:
        """Get, update, share, hand over, delete; the server agrees each time."""
        name = google.tuned_model()
        metadata = bearer(google)
        assert models.get_tuned_model(name=name, metadata=metadata).name == name
        updated = models.update_tuned_model(
            tuned_model=glm.TunedModel(name=name, display_name="Größer 模型"),
            update_mask=field_mask_pb2.FieldMask(paths=["display_name"]),
            metadata=metadata,
        )
        assert updated.display_name == "Größer 模型"
        assert google.get(f"/v1beta/{name}")["displayName"] == "Größer 模型"
        made = permissions.create_permission(
            parent=name,
            permission=glm.Permission(grantee_type="USER", email_address=GRACE, role="READER"),
            metadata=metadata,
        )
        assert google.roles(name)[GRACE] == "READER"
        made.role = glm.Permission.Role.WRITER
        permissions.update_permission(
            permission=made,
            update_mask=field_mask_pb2.FieldMask(paths=["role"]),
            metadata=metadata,
        )
        assert google.roles(name)[GRACE] == "WRITER"
        listed = permissions.list_permissions(request={"parent": name}, metadata=metadata)
        assert {p.email_address for p in listed} == {ADA, GRACE}
        permissions.transfer_ownership({"name": name, "email_address": GRACE}, metadata=metadata)
        assert google.roles(name)[GRACE] == "OWNER"
        models.delete_tuned_model(name=name, metadata=bearer(google, GRACE))
        with pytest.raises(exceptions.NotFound):
            models.get_tuned_model(name=name, metadata=metadata)

    def test_operations(self, google: Google, models: Any) -> None:
        """google.longrunning.Operations, as GAPIC mixes it into every client."""
        operations = models.transport.operations_client
        with pytest.raises(exceptions.NotFound):
            operations.get_operation(
                f"{google.tuned_model()}/operations/none", metadata=bearer(google)
            )
        assert list(operations.list_operations("", "", metadata=bearer(google))) == []


class TestRefusals:
    def test_error_info(self, google: Google, models: Any) -> None:
        """A narrow token: PermissionDenied with reason, domain and metadata of ErrorInfo."""
        metadata = bearer(google, ADA, "cloud-platform")
        with pytest.raises(exceptions.PermissionDenied) as refused:
            models.list_models(metadata=metadata)
        error = refused.value
        assert error.message == "Request had insufficient authentication scopes."
        assert error.reason == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"
        assert error.domain == "googleapis.com"
        assert error.metadata["method"].endswith("v1beta.ModelService.ListModels")
        seen = last_seen(google)
        assert (seen["status"], seen["grpcStatus"]) == (200, "PERMISSION_DENIED")

    def test_rpc_status(self, channel: grpc.Channel) -> None:
        """grpcio-status reads google.rpc.Status of the trailers, its details by their types."""
        with pytest.raises(grpc.RpcError) as refused:
            channel.unary_unary(LIST_MODELS)(b"", metadata=[("x-goog-api-key", "AIzaUnknown")])
        status = rpc_status.from_call(refused.value)
        assert status is not None
        assert status.message == "API key not valid. Please pass a valid API key."
        kinds = [detail.TypeName() for detail in status.details]
        assert kinds == ["google.rpc.ErrorInfo", "google.rpc.LocalizedMessage"]

    def test_invalid_token(self, models: Any) -> None:
        """A token that is none is Unauthenticated, with the reason."""
        with pytest.raises(exceptions.Unauthenticated) as refused:
            models.list_models(metadata=[("authorization", "Bearer ya29.emu-none")])
        assert refused.value.reason is not None

    def test_nobody(self, models: Any) -> None:
        """Without credentials: PermissionDenied, in Google's words."""
        with pytest.raises(exceptions.PermissionDenied, match="unregistered callers"):
            models.list_models()

    def test_text_in_any_script(self, google: Google, models: Any) -> None:
        """A message beyond ASCII arrives as it was sent."""
        with pytest.raises(exceptions.NotFound, match="models/größe-模型 is not found"):
            models.get_model(name="models/größe-模型", metadata=bearer(google))

    def test_not_implemented(self, google: Google, generative: Any, channel: grpc.Channel) -> None:
        """What has no handler yet is UNIMPLEMENTED, unary or streaming; what is unknown, too."""
        metadata = bearer(google)
        asked = {"model": "models/gemini-2.0-flash", "contents": [{"parts": [{"text": "x"}]}]}
        with pytest.raises(exceptions.MethodNotImplemented):
            generative.generate_content(asked, metadata=metadata)
        with pytest.raises(exceptions.MethodNotImplemented):
            list(generative.stream_generate_content(asked, metadata=metadata))
        with pytest.raises(grpc.RpcError) as refused:
            channel.unary_unary("/some.Service/Method")(b"")
        assert refused.value.code() is grpc.StatusCode.UNIMPLEMENTED

    def test_large_requests(self, google: Google, generative: Any) -> None:
        """Six megabytes are read; ten are RESOURCE_EXHAUSTED."""
        for size, expected in (
            (6_000_000, exceptions.MethodNotImplemented),
            (10_000_000, exceptions.ResourceExhausted),
        ):
            text = {"parts": [{"text": "x" * size}]}
            with pytest.raises(expected):
                generative.generate_content(
                    {"model": "models/gemini-2.0-flash", "contents": [text]},
                    metadata=bearer(google),
                )


class TestCalls:
    def test_a_deadline(self, google: Google, channel: grpc.Channel) -> None:
        """A request that does not end in time ends with DEADLINE_EXCEEDED; the channel goes on."""
        call = channel.stream_unary(LIST_MODELS)
        with pytest.raises(grpc.RpcError) as refused:
            call(_never(), timeout=0.3, metadata=bearer(google))
        assert refused.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
        assert channel.unary_unary(LIST_MODELS)(b"", metadata=bearer(google), timeout=20)

    @pytest.mark.parametrize("compression", [grpc.Compression.Gzip, grpc.Compression.Deflate])
    def test_compression(self, google: Google, compression: grpc.Compression) -> None:
        """Compressed requests are read, and the answers as well."""
        name = google.tuned_model()
        description = "to be compressed " * 200
        address = f"127.0.0.1:{google.emulator.port}"
        with grpc.insecure_channel(address, OPTIONS, compression=compression) as channel:
            client = glm.ModelServiceClient(transport=ModelServiceGrpcTransport(channel=channel))
            updated = client.update_tuned_model(
                tuned_model=glm.TunedModel(name=name, description=description),
                update_mask=field_mask_pb2.FieldMask(paths=["description"]),
                metadata=bearer(google),
            )
        assert updated.description == description
        assert google.get(f"/v1beta/{name}")["description"] == description

    def test_cancel(self, google: Google, channel: grpc.Channel) -> None:
        """Twenty calls that are cancelled leave the channel usable, and the server no defect."""
        for _ in range(20):
            call = channel.stream_unary(LIST_MODELS).future(_never(), metadata=bearer(google))
            call.cancel()
            assert call.cancelled()
        assert channel.unary_unary(LIST_MODELS)(b"", metadata=bearer(google), timeout=20)

    def test_fifty_at_once(self, google: Google, channel: grpc.Channel) -> None:
        """Fifty calls of one channel, all on their way at the same time."""
        metadata = bearer(google)
        call = channel.unary_unary(LIST_MODELS)
        futures = [call.future(b"", metadata=metadata, timeout=50) for _ in range(50)]
        assert len({future.result() for future in futures}) == 1

    def test_cold_channels_in_bursts(self, google: Google) -> None:
        """A hundred and sixty channels, forty at a time, each new, used once and closed."""
        metadata = bearer(google)
        options = [*OPTIONS, ("grpc.use_local_subchannel_pool", 1)]
        for _ in range(4):
            channels = [
                grpc.insecure_channel(f"127.0.0.1:{google.emulator.port}", options)
                for _ in range(40)
            ]
            calls = [
                channel.unary_unary(LIST_MODELS).future(b"", metadata=metadata, timeout=50)
                for channel in channels
            ]
            assert len({call.result() for call in calls}) == 1
            for channel in channels:
                channel.close()


class TestReflection:
    def test_a_client_without_our_messages(self, google: Google, channel: grpc.Channel) -> None:
        """All that a client needs to call a method, it can learn from the server."""
        database = ProtoReflectionDescriptorDatabase(channel)
        services = database.get_services()
        assert "google.ai.generativelanguage.v1.ModelService" in services
        assert "google.longrunning.Operations" in services
        pool = descriptor_pool.DescriptorPool(database)
        for service in services:
            assert pool.FindServiceByName(service).full_name == service
        method = pool.FindServiceByName(
            "google.ai.generativelanguage.v1beta.ModelService"
        ).FindMethodByName("GetModel")
        request: Any = message_factory.GetMessageClass(method.input_type)()
        request.name = google.get("/v1beta/models")["models"][0]["name"]
        answer: Any = message_factory.GetMessageClass(method.output_type)
        call = channel.unary_unary(
            "/google.ai.generativelanguage.v1beta.ModelService/GetModel",
            request_serializer=type(request).SerializeToString,
            response_deserializer=answer.FromString,
        )
        assert call(request, metadata=bearer(google)).name == request.name

    def test_unknown_symbols(self, channel: grpc.Channel) -> None:
        """What the server does not have is a KeyError."""
        database = ProtoReflectionDescriptorDatabase(channel)
        with pytest.raises(KeyError):
            database.FindFileContainingSymbol("no.Such")


class TestTls:
    """The same port by TLS, with google-auth's credentials on each call."""

    @pytest.fixture
    def tls(self, google: Google) -> grpc.ChannelCredentials:
        """Trust in the emulator's own certificate authority."""
        return grpc.ssl_channel_credentials(google.control.ca()["certificate"].encode())

    def client(self, google: Google, tls: grpc.ChannelCredentials, credentials: Any) -> Any:
        """Return GAPIC's ModelService, called by `localhost`."""
        plugin = AuthMetadataPlugin(
            credentials,
            auth_requests.Request(),
            default_host="generativelanguage.googleapis.com",
        )
        channel = grpc.secure_channel(
            f"localhost:{google.emulator.port}",
            grpc.composite_channel_credentials(tls, grpc.metadata_call_credentials(plugin)),
            OPTIONS,
        )
        return glm.ModelServiceClient(transport=ModelServiceGrpcTransport(channel=channel))

    def test_a_person(self, google: Google, tls: grpc.ChannelCredentials) -> None:
        """A person's credentials, with a quota project."""
        ada = user(google, google.tokens(ADA, "tuning"), quota_project_id=PROJECT)
        assert list(self.client(google, tls, ada).list_models())
        seen = last_seen(google)
        assert (seen["credential"], seen["principal"], seen["tls"]) == ("user", ADA, True)
        assert seen["consumerProject"] == PROJECT

    def test_a_service_account(self, google: Google, tls: grpc.ChannelCredentials) -> None:
        """A key without scopes signs its own token for the API."""
        key = google.service_account()
        robot = service_account.Credentials.from_service_account_info(key)
        assert list(self.client(google, tls, robot).list_models())
        seen = last_seen(google)
        assert (seen["credential"], seen["principal"]) == ("service_account", key["client_email"])

    def test_google_generativeai(
        self, google: Google, tls: grpc.ChannelCredentials, home: Path
    ) -> None:
        """The SDK with its default transport, in a program of its own: sync and asyncio."""
        ca = home / "ca.pem"
        ca.write_text(google.control.ca()["certificate"])
        token = google.tokens(ADA, "tuning")["access_token"]
        name = google.tuned_model()
        script = home / "program.py"
        script.write_text(_PROGRAM)
        done = subprocess.run(
            [sys.executable, "-W", "ignore", script, str(google.emulator.port), token, name],
            env={
                "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH": str(ca),
                "no_proxy": "localhost",
                "HOME": str(home),
                "PYTHONPATH": "",
            },
            capture_output=True,
            text=True,
            timeout=50,
            check=False,
        )
        assert done.stdout.split() == [
            "listed",
            "got",
            "shared",
            "denied",
            "unimplemented",
            "async",
        ], done.stderr
        assert google.roles(name)[GRACE] == "READER"


_PROGRAM = """
import asyncio, sys
import google.generativeai as genai
from google.api_core import exceptions
from google.oauth2.credentials import Credentials

port, token, name = sys.argv[1:]
endpoint = {"api_endpoint": f"localhost:{port}"}
genai.configure(credentials=Credentials(token), client_options=endpoint)
assert list(genai.list_models())
print("listed")
model = genai.get_tuned_model(name)
assert model.name == name
print("got")
model.permissions.create(email_address="grace@example.com", grantee_type="USER", role="READER")
print("shared")
try:
    genai.get_tuned_model("tunedModels/none")
except exceptions.NotFound:
    print("denied")
try:
    genai.GenerativeModel("gemini-2.0-flash").generate_content("x")
except exceptions.MethodNotImplemented:
    print("unimplemented")

async def main():
    listed = [p async for p in model.permissions.list_async()]
    assert len(listed) == 2, listed

asyncio.run(main())
print("async")
"""


def _never() -> Iterator[bytes]:
    """Yield no message for a second: a request that does not end in time."""
    threading.Event().wait(1.0)
    yield from ()
