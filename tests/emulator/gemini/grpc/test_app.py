from __future__ import annotations

import asyncio
import dataclasses
from typing import TYPE_CHECKING, Any

import pytest

from gemauth.emulator.gemini import handlers
from gemauth.emulator.gemini.grpc import GrpcApp
from gemauth.google.gemini.mapping import to_dict
from gemauth.google.gemini.method import VERSIONS, Role, Route
from gemauth.google.gemini.methods import METHODS, STREAM_GENERATE_CONTENT
from gemauth.google.gemini.schema import schema
from gemauth.google.scopes import CLOUD_PLATFORM
from tests.emulator.front.h2_peer import serving
from tests.emulator.gemini.grpc.calls import Calls, framed, message
from tests.emulator.gemini.world import ANN, MODEL, OTHER_PROJECT, OTTO, RIA, TEAM, World

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

LIST_MODELS = "/google.ai.generativelanguage.v1beta.ModelService/ListModels"
STREAM = "/google.ai.generativelanguage.v1beta.GenerativeService/StreamGenerateContent"


def read(name: str, data: bytes, version: str = "v1beta") -> Any:
    """Return a message."""
    made = schema(version).message(name)()
    made.ParseFromString(data)
    return made


@pytest.mark.parametrize("version", VERSIONS)
def test_the_same_answer_as_rest(world: World, calls: Calls, version: str) -> None:
    """A message over gRPC is, as JSON, what REST answers, in every version"""
    for method, request, kind, path in (
        ("ModelService/ListModels", b"", "ListModelsResponse", "models"),
        (
            "ModelService/GetTunedModel",
            message("GetTunedModelRequest", version, name=MODEL),
            "TunedModel",
            MODEL,
        ),
        (
            "PermissionService/ListPermissions",
            message("ListPermissionsRequest", version, parent=MODEL),
            "ListPermissionsResponse",
            f"{MODEL}/permissions",
        ),
    ):
        ended = calls.api(method, request, version=version)
        assert (ended.code, ended.http) == ("OK", 200)
        assert ended.headers["content-type"] == "application/grpc"
        (answer,) = ended.messages
        assert (
            to_dict(read(kind, answer, version)) == world.call("GET", f"/{version}/{path}").json()
        )


def test_writing(world: World, calls: Calls) -> None:
    """A tuned model is changed, shared, handed over and deleted over gRPC; REST sees each"""
    changed = message(
        "UpdateTunedModelRequest",
        tunedModel={"name": MODEL, "displayName": "New"},
        updateMask="displayName",
    )
    assert calls.api("ModelService/UpdateTunedModel", changed).code == "OK"
    assert world.call("GET", f"/v1beta/{MODEL}").json()["displayName"] == "New"
    shared = message(
        "CreatePermissionRequest",
        parent=MODEL,
        permission={"granteeType": "USER", "emailAddress": OTTO, "role": "WRITER"},
    )
    assert calls.api("PermissionService/CreatePermission", shared).code == "OK"
    assert world.roles()[OTTO] == "WRITER"
    handed = message("TransferOwnershipRequest", name=MODEL, emailAddress=OTTO)
    assert calls.api("PermissionService/TransferOwnership", handed).code == "OK"
    assert world.roles()[OTTO] == "OWNER"
    gone = message("DeleteTunedModelRequest", name=MODEL)
    assert calls.api("ModelService/DeleteTunedModel", gone, email=OTTO).messages == [b""]
    assert world.call("GET", f"/v1beta/{MODEL}").status_code == 404


def _no_credentials(world: World) -> dict[str, str]:
    return {}


def _unknown_key(world: World) -> dict[str, str]:
    return {"x-goog-api-key": "AIzaUnknown"}


def _key(world: World) -> dict[str, str]:
    return {"x-goog-api-key": world.key()}


def _unknown_token(world: World) -> dict[str, str]:
    return {"authorization": "Bearer ya29.emu-unknown"}


def _expired(world: World) -> dict[str, str]:
    return {"authorization": f"Bearer {world.token(life=-1)}"}


def _narrow(world: World) -> dict[str, str]:
    return {"authorization": f"Bearer {world.token(scopes=(CLOUD_PLATFORM,))}"}


def _basic(world: World) -> dict[str, str]:
    return {"authorization": "Basic eDp5"}


def _stranger(world: World) -> dict[str, str]:
    return {"authorization": f"Bearer {world.token(OTTO)}"}


def _reader(world: World) -> dict[str, str]:
    return {"authorization": f"Bearer {world.token(RIA)}"}


def _quota_project(world: World) -> dict[str, str]:
    return {"authorization": f"Bearer {world.token()}", "x-goog-user-project": OTHER_PROJECT}


def _no_quota_project(world: World) -> dict[str, str]:
    return {"authorization": f"Bearer {world.token()}", "x-goog-user-project": "nowhere"}


def _api_off(world: World) -> dict[str, str]:
    world.disable_api()
    return {"authorization": f"Bearer {world.token()}"}


@pytest.mark.parametrize(
    "headers",
    [
        _no_credentials,
        _unknown_key,
        _key,
        _unknown_token,
        _expired,
        _narrow,
        _basic,
        _stranger,
        _reader,
        _quota_project,
        _no_quota_project,
        _api_off,
    ],
)
def test_the_same_refusal_as_rest(
    world: World, calls: Calls, headers: Callable[[World], dict[str, str]]
) -> None:
    """Code, text and details are REST's; `details` in google.rpc.Status, as AIP-193 has it"""
    sent = headers(world)
    body = {"granteeType": "EVERYONE", "role": "READER"}
    path = f"/v1beta/{MODEL}/permissions"
    refused = world.call("POST", path, None, json=body, headers=sent).json()["error"]
    request = message("CreatePermissionRequest", parent=MODEL, permission=body)
    ended = calls.api(
        "PermissionService/CreatePermission", request, email=None, metadata=list(sent.items())
    )
    assert (ended.http, ended.messages) == (200, [])
    assert (ended.code, ended.text) == (refused["status"], refused["message"])
    assert ended.status.get("details", []) == refused.get("details", [])
    assert ended.status.get("message", ended.text) == ended.text


def test_a_resource_that_does_not_exist(world: World, calls: Calls) -> None:
    """NOT_FOUND with REST's text"""
    ended = calls.api("ModelService/GetModel", message("GetModelRequest", name="models/none"))
    said = world.call("GET", "/v1beta/models/none").json()["error"]
    assert (ended.code, ended.text) == ("NOT_FOUND", said["message"])


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_every_method_admits_before_anything_else(calls: Calls, method: Any) -> None:
    """Without credentials each method says only that; with them, UNIMPLEMENTED where REST is"""
    service, _, name = method.full_name("v1beta").rpartition(".")
    assert "unregistered callers" in calls(f"/{service}/{name}", email=None).text
    ended = calls(f"/{service}/{name}")
    assert (ended.code == "UNIMPLEMENTED") == (not method.implemented and not method.retired)


@pytest.mark.parametrize(
    "path",
    ["/", "/x", "/google.ai.generativelanguage.v1beta.ModelService", "/a.B/C", LIST_MODELS + "x"],
)
def test_an_unknown_method(calls: Calls, path: str) -> None:
    """What is in no service is UNIMPLEMENTED"""
    ended = calls(path)
    assert (ended.code, ended.messages) == ("UNIMPLEMENTED", [])
    assert path in ended.text


def test_a_deadline_that_has_passed(world: World, calls: Calls) -> None:
    """DEADLINE_EXCEEDED, and nothing was done"""
    request = framed(message("DeleteTunedModelRequest", name=MODEL))
    path = "/google.ai.generativelanguage.v1beta.ModelService/DeleteTunedModel"
    assert calls(path, request, [("grpc-timeout", "0m")]).code == "DEADLINE_EXCEEDED"
    assert world.call("GET", f"/v1beta/{MODEL}").status_code == 200
    assert calls(path, request, [("grpc-timeout", "10S")]).code == "OK"


def test_a_malformed_deadline(calls: Calls) -> None:
    """INTERNAL, as in grpc-go"""
    assert calls(LIST_MODELS, metadata=[("grpc-timeout", "soon")]).code == "INTERNAL"


def test_a_defect(calls: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client is told INTERNAL and nothing from inside; the defect goes on to the log"""

    def broken(*_: Any) -> None:
        raise TimeoutError("a secret")

    monkeypatch.setitem(handlers.HANDLERS, "ListModels", broken)
    with pytest.raises(TimeoutError):
        calls(LIST_MODELS)


def test_the_ledger_knows_the_status(world: World, calls: Calls) -> None:
    """Who looks at the emulator's requests sees gRPC's status beside HTTP's 200, and the caller"""
    ledger = world.context.ledger
    line = {"transport": "grpc", "tls": False, "host": "", "verb": "POST", "agent": ""}
    for email, status in ((ANN, "OK"), (None, "PERMISSION_DENIED")):
        with ledger.open(0.0, path=LIST_MODELS, **line) as entry:  # type: ignore[arg-type]
            calls(LIST_MODELS, email=email)
        assert (entry.grpc_status, entry.principal) == (status, email)


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"extensions": {}}, 505),
        ({"method": "GET"}, 405),
        ({"headers": [(b"content-type", b"application/grpc-web+proto")]}, 415),
        ({"headers": [(b"content-type", b"application/grpc+json")]}, 415),
        ({"headers": [(b"content-type", b"application/grpc; x=y")]}, 200),
    ],
    ids=["HTTP/1.1", "GET", "grpc-web", "json", "parameter"],
)
def test_what_is_not_grpc(calls: Calls, changed: dict[str, Any], status: int) -> None:
    """What cannot be answered with trailers is answered as HTTP"""
    assert calls(LIST_MODELS, **changed).http == status


def test_reflection(calls: Calls) -> None:
    """Reflection needs no credentials, and a stream of requests is answered one by one"""
    asked = [b"\x3a\x01*", b"\x1a\x04none"]  # list_services, file_by_filename
    for version in ("v1", "v1alpha"):
        path = f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo"
        ended = calls(path, [framed(one) for one in asked], email=None)
        assert ended.code == "OK"
        services, error = ended.messages
        assert b"google.ai.generativelanguage.v1beta.ModelService" in services
        assert b"grpc.reflection.v1alpha.ServerReflection" in services
        assert b"none" in error
        assert calls(path, framed(b"\xff"), email=None).code == "INTERNAL"


class TestStreaming:
    """A streaming method, with a handler of the test's own: the emulator has none yet."""

    METHOD = dataclasses.replace(
        STREAM_GENERATE_CONTENT,
        implemented=True,
        role=Role.NONE,
        routes=(Route("POST", "{model=models/*}:streamGenerateContent", "*"),),
    )
    REQUEST = framed(message("GenerateContentRequest", model="models/x"))

    @pytest.fixture
    def step(self) -> asyncio.Event:
        """Let the handler make its next message."""
        return asyncio.Event()

    @pytest.fixture
    def closed(self) -> list[str]:
        """How the handler's generator ended."""
        return []

    @pytest.fixture
    def calls(
        self, monkeypatch: pytest.MonkeyPatch, step: asyncio.Event, closed: list[str]
    ) -> Calls:
        """Calls of an app whose handler answers three messages, each at a `step`."""

        def handler(call: Any, request: Any) -> AsyncIterator[Any]:
            version = request.model

            async def answers() -> AsyncIterator[Any]:
                try:
                    for i in range(3):
                        await step.wait()
                        step.clear()
                        answer = call.message("GenerateContentResponse")
                        answer.model_version = f"{version} {i}"
                        yield answer
                finally:
                    closed.append("closed")

            return answers()

        monkeypatch.setitem(handlers.HANDLERS, "StreamGenerateContent", handler)
        return Calls(World(), (self.METHOD,))

    def headers(self, world: World, **more: str) -> list[tuple[str, str]]:
        """Return a call's metadata."""
        token = ("authorization", f"Bearer {world.token()}")
        return [("content-type", "application/grpc"), ("te", "trailers"), token, *more.items()]

    def test_messages_come_one_by_one(
        self, calls: Calls, step: asyncio.Event, closed: list[str]
    ) -> None:
        """Each message is with the client before the next one is made; then the status"""

        async def test() -> None:
            async with serving(calls.app) as server, server.peer() as peer:
                number = peer.begin(
                    STREAM, method="POST", headers=self.headers(calls.world), end=False
                )
                await peer.upload(number, self.REQUEST)
                answer = peer.answers[number]
                for i in range(3):
                    assert answer.body.count(b"models/x") == i
                    assert not answer.over
                    step.set()
                    await peer.until(lambda i=i: answer.body.count(b"models/x") == i + 1)  # type: ignore[misc]
                await peer.until(lambda: answer.over)
                assert answer.trailers == {"grpc-status": "0"}

        asyncio.run(test())
        assert closed == ["closed"]

    def test_a_deadline_in_the_middle(
        self, calls: Calls, step: asyncio.Event, closed: list[str]
    ) -> None:
        """What was made is sent, then DEADLINE_EXCEEDED; the handler is told to end"""

        async def test() -> None:
            async with serving(calls.app) as server, server.peer() as peer:
                headers = self.headers(calls.world, **{"grpc-timeout": "300m"})
                step.set()
                answer = await peer.post(self.REQUEST, STREAM, headers=headers)
                assert answer.trailers["grpc-status"] == "4"
                assert answer.body.count(b"models/x") == 1

        asyncio.run(test())
        assert closed == ["closed"]

    def test_a_client_that_cancels(
        self, calls: Calls, step: asyncio.Event, closed: list[str]
    ) -> None:
        """The handler ends with the stream, and no transaction is left open"""

        async def test() -> None:
            async with serving(calls.app) as server, server.peer() as peer:
                number = peer.begin(
                    STREAM, method="POST", headers=self.headers(calls.world), end=False
                )
                await peer.upload(number, self.REQUEST)
                step.set()
                await peer.until(lambda: peer.answers[number].parts)
                peer.h2.reset_stream(number, 8)
                peer.send()
                async with asyncio.timeout(10):
                    while not closed:  # noqa: ASYNC110  # a list of the handler's
                        await asyncio.sleep(0.01)

        asyncio.run(test())
        with calls.world.write():
            pass

    def test_a_deadline_before_the_request(self, calls: Calls) -> None:
        """A client that does not end its request in time is told so"""

        async def test() -> None:
            async with serving(calls.app) as server, server.peer() as peer:
                headers = self.headers(calls.world, **{"grpc-timeout": "100m"})
                number = peer.begin(STREAM, method="POST", headers=headers, end=False)
                answer = await peer.answer(number)
                assert answer.trailers["grpc-status"] == "4"

        asyncio.run(test())

    def test_refused(self, calls: Calls) -> None:
        """A refusal is a stream without messages"""
        ended = calls(STREAM, self.REQUEST, email=None)
        assert (ended.code, ended.messages) == ("PERMISSION_DENIED", [])


def test_a_client_that_goes_within_its_request(world: World) -> None:
    """Half a message and a hang-up: nothing is done, nothing is left"""

    async def test() -> None:
        async with serving(GrpcApp(world.context)) as server, server.peer() as peer:
            headers = [("content-type", "application/grpc")]
            number = peer.begin(LIST_MODELS, method="POST", headers=headers, end=False)
            await peer.upload(number, b"\0\0\0", end=False)
            await asyncio.sleep(0.05)

    asyncio.run(test())


def test_group_members_too(calls: Calls) -> None:
    """A permission for a group, read back by its name"""
    listed = calls.api(
        "PermissionService/ListPermissions", message("ListPermissionsRequest", parent=MODEL)
    )
    found = read("ListPermissionsResponse", listed.messages[0]).permissions
    name = next(p.name for p in found if p.email_address == TEAM)
    got = calls.api("PermissionService/GetPermission", message("GetPermissionRequest", name=name))
    assert read("Permission", got.messages[0]).email_address == TEAM
