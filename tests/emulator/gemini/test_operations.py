from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gemauth.emulator.gemini.grpc.routes import incoming
from gemauth.emulator.gemini.operations import is_of_tuned_models
from gemauth.emulator.gemini.serve import serve
from gemauth.emulator.paging import Pager
from gemauth.emulator.settings import Settings
from gemauth.emulator.storage.records import Operation
from gemauth.google import scopes
from gemauth.google.gemini.methods import LIST_OPERATIONS
from gemauth.google.gemini.schema import schema
from gemauth.google.status import Code, StatusError
from tests.emulator.gemini.world import ANN, GUS, MODEL, OTTO, RESOURCE, RIA, World

if TYPE_CHECKING:
    from collections.abc import Iterator

OTHER = "tunedModels/other-1"
DONE = f"{MODEL}/operations/9z8phaegycw6"
RUNNING = f"{MODEL}/operations/a0"
TYPES = "type.googleapis.com/google.ai.generativelanguage.v1beta"
METADATA = {"@type": f"{TYPES}.CreateTunedModelMetadata", "totalSteps": 38, "tunedModel": MODEL}
RESPONSE = {"@type": f"{TYPES}.TunedModel", "name": MODEL, "state": "ACTIVE"}


def put(world: World, name: str, **body: Any) -> None:
    """Write an operation, one second after the last."""
    world.clock.advance(1)
    with world.write() as tx:
        tx.add(Operation(name, {"name": name, **body}, world.clock.now()))


@pytest.fixture
def world() -> Iterator[World]:
    """A tuned model with two operations, another owner's with one, and a Cloud API's."""
    world = World()
    world.add_model(OTHER, RESOURCE, {OTTO: "OWNER"})
    put(world, "operations/acat.p2-1", done=True)
    put(world, DONE, metadata=METADATA, done=True, response=RESPONSE)
    put(world, RUNNING, metadata=METADATA)
    put(world, f"{OTHER}/operations/b0", metadata={**METADATA, "tunedModel": OTHER})
    yield world
    world.close()


def names(answer: dict[str, Any]) -> list[str]:
    """The names in a list's answer."""
    return [operation["name"] for operation in answer.get("operations", [])]


@pytest.mark.parametrize("version", ["v1", "v1beta", "v1alpha"])
def test_get(world: World, version: str) -> None:
    """An operation is told as it stands: metadata, done and response with their types."""
    done = world.call("GET", f"/{version}/{DONE}").json()
    assert done == {"name": DONE, "metadata": METADATA, "done": True, "response": RESPONSE}
    running = world.call("GET", f"/{version}/{RUNNING}").json()
    assert running == {"name": RUNNING, "metadata": METADATA}


def test_get_of_nothing(world: World) -> None:
    """An operation that nobody started is 404; of a model that is not there, the model's 404."""
    missing = world.call("GET", f"/v1beta/{MODEL}/operations/none")
    assert missing.status_code == 404
    assert missing.json()["error"]["message"] == "Requested entity was not found."
    assert world.call("GET", "/v1beta/tunedModels/none/operations/a0").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "models/m/operations/x",
        "corpora/c/operations/x",
        "fileSearchStores/s/operations/x",
        "models/m/operations",
        "batches/b",
        "batches",
        "generatedFiles/f/operations/x",
    ],
)
def test_operations_of_other_resources(world: World, path: str) -> None:
    """What has no operations here yet answers 501, not that there is none."""
    assert world.call("GET", f"/v1beta/{path}").status_code == 501


def test_list_of_one_model(world: World) -> None:
    """A model's operations, oldest first, in pages."""
    path = f"/v1beta/{MODEL}/operations"
    assert names(world.call("GET", path).json()) == [DONE, RUNNING]
    first = world.call("GET", path, pageSize="1").json()
    assert names(first) == [DONE]
    token = first["nextPageToken"]
    second = world.call("GET", path, pageSize="1", pageToken=token).json()
    assert names(second) == [RUNNING]
    assert "nextPageToken" not in second
    foreign = world.call("GET", f"/v1beta/{OTHER}/operations", OTTO, pageToken=token)
    assert foreign.status_code == 400


def test_list_of_all(world: World) -> None:
    """Without a resource the list has those of every model that the caller may read, and no
    Cloud API's.
    """
    assert names(world.call("GET", "/v1/operations").json()) == [DONE, RUNNING]
    assert names(world.call("GET", "/v1/operations", GUS).json()) == [DONE, RUNNING]
    assert names(world.call("GET", "/v1/operations", OTTO).json()) == [f"{OTHER}/operations/b0"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("", [DONE, RUNNING]),
        ("operations", [DONE, RUNNING]),
        (MODEL, [DONE, RUNNING]),
        ("models/m", Code.UNIMPLEMENTED),
        (f"{MODEL}/permissions/p1", Code.INVALID_ARGUMENT),
    ],
)
def test_list_over_grpc(world: World, name: str, expected: list[str] | Code) -> None:
    """The same list, of which google-generativeai asks with no name."""
    request = schema("v1beta").message("google.longrunning.ListOperationsRequest")(name=name)
    metadata = {"authorization": f"Bearer {world.token()}"}
    call = incoming(LIST_OPERATIONS, "v1beta", request.SerializeToString(), metadata)
    answer: list[str] | Code
    try:
        response = serve(world.context, Pager(b"key"), call)
        answer = [operation.name for operation in response.operations]
    except StatusError as error:
        answer = error.status.code
    assert answer == expected


def test_operations_end_with_their_model(world: World) -> None:
    """A tuned model's operations are not there for the next of its name; others' stay."""
    assert world.call("DELETE", f"/v1beta/{MODEL}").status_code == 200
    world.add_model(MODEL, RESOURCE, {ANN: "OWNER"})
    assert names(world.call("GET", f"/v1beta/{MODEL}/operations").json()) == []
    assert names(world.call("GET", "/v1/operations", OTTO).json()) == [f"{OTHER}/operations/b0"]


def test_filters_are_refused(world: World) -> None:
    """A filter is not ignored, which would answer more than was asked for."""
    assert world.call("GET", "/v1/operations", filter="done=true").status_code == 400


@pytest.mark.parametrize("path", [DONE, f"{MODEL}/operations"])
def test_readers_may_see_them(world: World, path: str) -> None:
    """It takes READER on the tuned model."""
    assert world.call("GET", f"/v1beta/{path}", RIA).status_code == 200
    assert world.call("GET", f"/v1beta/{path}", OTTO).status_code == 403


@pytest.mark.parametrize("path", [DONE, f"{MODEL}/operations", "operations"])
def test_scopes_and_keys_are_the_tuned_models(world: World, path: str) -> None:
    """A retriever's scope opens operations, but no tuned model's; nor does a key, unless told."""
    token = world.token(ANN, (scopes.RETRIEVER,))
    headers = {"Authorization": f"Bearer {token}"}
    error = world.call("GET", f"/v1beta/{path}", None, headers=headers).json()["error"]
    assert error["details"][0]["reason"] == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"
    assert error["details"][0]["metadata"]["method"].startswith("google.longrunning.Operations.")
    keyed = {"x-goog-api-key": world.key()}
    assert world.call("GET", f"/v1beta/{path}", None, headers=keyed).status_code == 401


def test_a_key_where_tuned_models_take_keys() -> None:
    """With the setting that lets keys call tuned models, a key of the model's project may look."""
    world = World(Settings(accept_standard_api_keys_on_tuned_models=True))
    put(world, DONE, done=True)
    answer = world.call("GET", f"/v1beta/{DONE}", None, headers={"x-goog-api-key": world.key()})
    assert answer.json() == {"name": DONE, "done": True}
    world.close()


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("POST", f"{DONE}:cancel"),
        ("POST", "batches/b:cancel"),
        ("DELETE", "operations/x"),
        ("DELETE", "batches/b"),
    ],
)
def test_cancel_and_delete(world: World, verb: str, path: str) -> None:
    """Nothing runs here that could be cancelled, so these answer 501."""
    assert world.call(verb, f"/v1/{path}").status_code == 501


@pytest.mark.parametrize(
    ("name", "expected"),
    [("", True), ("operations", True), (DONE, True), ("models/m/operations/x", False)],
)
def test_whose_operations_a_name_means(name: str, expected: bool) -> None:  # noqa: FBT001
    """No name and the bare collection mean all that there are, and those are tuned models'."""
    assert is_of_tuned_models(name) is expected
