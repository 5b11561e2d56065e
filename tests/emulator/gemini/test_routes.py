from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gemauth.emulator.gemini.models import base_models
from tests.emulator.gemini.world import ANN, MODEL, World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from httpx2 import Response

PATH = f"/v1beta/{MODEL}"


def test_headers_of_an_answer(world: World) -> None:
    """Answers are Google's JSON: UTF-8, not to be sniffed, indented by two."""
    answer = world.call("GET", PATH)
    assert answer.headers["Content-Type"] == "application/json; charset=UTF-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.text.startswith('{\n  "name": ')


@pytest.mark.parametrize("name", ["alt", "$alt"])
def test_enums_as_integers(world: World, name: str) -> None:
    """Enums are names unless GAPIC's `$alt` asks for integers (section 1)."""
    path = f"{PATH}/permissions/p3"
    assert world.call("GET", path).json()["role"] == "READER"
    answer = world.call("GET", path, **{name: "json;enum-encoding=int"}).json()
    assert (answer["role"], answer["granteeType"]) == (3, 1)


def test_compact_answers_and_refusals(world: World) -> None:
    """prettyPrint=false takes the spaces out, of refusals too."""
    assert world.call("GET", PATH, prettyPrint="false").text.startswith('{"name":"tunedModels/')
    refused = world.call("GET", "/v1beta/models/none", prettyPrint="false")
    assert refused.text.startswith('{"error":{"code":404,')


@pytest.mark.parametrize("alt", ["proto", "media", "sse", "xml"])
def test_other_forms_are_refused(world: World, alt: str) -> None:
    """A form that is not written is refused before anything is done."""
    answer = world.call("DELETE", PATH, alt=alt)
    assert answer.status_code == 400
    assert world.call("GET", PATH).status_code == 200


def test_callback_is_ignored(world: World) -> None:
    """JSONP is not spoken: the answer stays JSON."""
    answer = world.call("GET", "/v1beta/models", callback="f", quotaUser="q", uploadType="media")
    assert len(answer.json()["models"]) == len(base_models())


def test_a_forms_fields_are_query_parameters(world: World) -> None:
    """What a form calls like a field of the request counts; more fields than any has do not."""
    headers = {"Authorization": f"Bearer {world.token(ANN)}"}

    def patch(form: dict[str, Any]) -> Response:
        return world.client.request("PATCH", PATH, data=form, headers=headers)

    assert "description" in world.call("GET", PATH).json()
    assert patch({"updateMask": "description"}).status_code == 200
    assert "description" not in world.call("GET", PATH).json()
    refused = patch({f"f{i}": "" for i in range(2000)})
    assert refused.status_code == 400
    assert refused.json()["error"]["message"] == "The form has too many fields."


def test_head_and_options(world: World) -> None:
    """HEAD is a GET without content, OPTIONS lists the verbs without asking for credentials."""
    head = world.call("HEAD", PATH)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Length"] == world.call("GET", PATH).headers["Content-Length"]
    options = world.call("OPTIONS", PATH, None)
    assert options.status_code == 200
    assert options.headers["Allow"] == "DELETE, GET, PATCH, OPTIONS"
    assert world.call("HEAD", PATH, None).status_code == 403


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("GET", "/v1beta/nothing"),
        ("GET", "/v1beta/"),
        ("GET", "/v1beta/models/"),
        ("GET", "/v1beta/models/a/b"),
        ("GET", "/v1beta/models/a%2Fb"),
        ("PUT", "/v1beta/models"),
        ("POST", f"{PATH}:unknown"),
        ("OPTIONS", "/v1beta/nothing"),
        ("GET", "/v2/models"),
        ("GET", "/v1beta3/models"),
    ],
)
def test_no_such_path(world: World, verb: str, path: str) -> None:
    """What the contract does not have is 404, with or without credentials."""
    assert world.call(verb, path).status_code == 404
    assert world.call(verb, path, None).status_code == 404


def test_encoded_ids(world: World) -> None:
    """Percent-encoding is undone within an id, once."""
    assert world.call("GET", "/v1beta/tunedModels/sentences%2Dk3").status_code == 200
    assert world.call("GET", "/v1beta/tunedModels/sentences%252Dk3").status_code == 404


def test_unknown_names_are_all_told(world: World) -> None:
    """Every unknown field is named, in the body and in the query (section 10, row 20)."""
    answer = world.call("PATCH", PATH, json={"colour": 1, "tuningTask": {"x": 2}}, size="3")
    error = answer.json()["error"]
    assert (error["code"], error["status"]) == (400, "INVALID_ARGUMENT")
    assert error["message"].count("Unknown name") == 3
    assert error["details"][0]["@type"] == "type.googleapis.com/google.rpc.BadRequest"


@pytest.fixture(scope="module")
def shared() -> Iterator[World]:
    """Give one world to all examples of a property."""
    world = World()
    yield world
    world.context.store.close()


TARGETS = [
    ("PATCH", PATH),
    ("POST", f"{PATH}/permissions"),
    ("PATCH", f"{PATH}/permissions/p3"),
    ("POST", f"{PATH}:transferOwnership"),
    ("GET", "/v1beta/tunedModels"),
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["role", "emailAddress", "granteeType", "displayName", "topP", "topK"])
            | st.text(max_size=8),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    target=st.sampled_from(TARGETS),
    body=JSON,
    mask=st.sampled_from(["", "role", "*", "displayName,topP", "é", ","]) | st.text(max_size=8),
)
def test_no_request_breaks_the_room(
    shared: World, target: tuple[str, str], body: object, mask: str
) -> None:
    """Whatever is sent is answered or refused with 4xx; nothing raises."""
    import json

    verb, path = target
    content = json.dumps(body).encode()
    answer = shared.client.request(
        verb,
        path,
        content=content if verb != "GET" else b"",
        params={"updateMask": mask} if verb == "PATCH" else {"filter": mask},
        headers={"Authorization": f"Bearer {shared.token(ANN)}"},
    )
    assert answer.status_code in {200, 400, 403, 404, 409}, answer.text
    assert answer.json() is not None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff",
        b'{"emailAddress": "\\ud800@example.com", "role": "READER"}',
        b'{"\\ud800": 1}',
        b"[" * 20000,
        b'{"role": 1e999}',
        b'{"emailAddress": "a\\u0000@example.com", "role": "READER"}',
    ],
)
def test_hostile_bodies(world: World, content: bytes) -> None:
    """Text that is no JSON, or no text, is refused in JSON."""
    answer = world.client.post(
        f"{PATH}/permissions",
        content=content,
        headers={"Authorization": f"Bearer {world.token()}"},
    )
    assert answer.status_code == 400
    assert answer.json()["error"]["status"] == "INVALID_ARGUMENT"


@pytest.mark.parametrize(
    "path", ["/v1beta/tunedModels/%00", "/v1beta/tunedModels/%FF", "/v1beta/tunedModels/%ED%A0%80"]
)
def test_hostile_ids(world: World, path: str) -> None:
    """An id of bytes that no name has is a name that nobody has."""
    assert world.call("GET", path).status_code in {400, 404}
