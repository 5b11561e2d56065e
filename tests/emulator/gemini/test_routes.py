from __future__ import annotations

import gzip
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


@pytest.mark.parametrize("version", ["v1", "v1beta", "v1alpha"])
@pytest.mark.parametrize("headers", [{"X-Goog-Upload-Protocol": "resumable"}, {}])
def test_uploads_are_admitted_and_not_implemented(
    world: World, version: str, headers: dict[str, str]
) -> None:
    """Files' upload path asks for what CreateFile asks for, reads the body and says 501."""
    path = f"/upload/{version}/files"
    body = b"x" * 3_000_000
    stranger = world.client.post(path, content=body, headers=headers)
    assert stranger.status_code == 403
    assert "unregistered callers" in stranger.json()["error"]["message"]
    admitted = {**headers, "x-goog-api-key": world.key()}
    error = world.client.post(path, content=body, headers=admitted).json()["error"]
    assert error["status"] == "UNIMPLEMENTED"
    assert f"{version}.FileService.CreateFile" in error["message"]


@pytest.mark.parametrize(
    ("verb", "path", "status"),
    [
        ("POST", "/upload/v1beta/files", 501),
        ("POST", "/upload/v1beta/fileSearchStores/s:uploadToFileSearchStore", 501),
        ("GET", "/v1beta/files/x:download", 501),
        ("GET", "/download/v1beta/files/x:download", 501),
        ("GET", "/upload/v1beta/files", 404),
        ("PUT", "/upload/v1beta/files", 404),
        ("POST", "/upload/v1beta/cachedContents", 404),
        ("GET", "/download/v1beta/files/x", 404),
        ("GET", "/download/v1beta/models", 404),
        ("POST", "/upload/v1beta3/files", 404),
    ],
)
def test_paths_of_media(world: World, verb: str, path: str, status: int) -> None:
    """Media goes through the one method of each prefix, and nothing else does."""
    assert world.call(verb, path, uploadType="media").status_code == status


def test_a_method_in_a_header(world: World) -> None:
    """A POST may mean another verb (X-HTTP-Method-Override); no other verb may."""
    override = {"X-HTTP-Method-Override": "PATCH"}
    body = {"description": "overridden"}
    assert world.call("POST", PATH, json=body, headers=override).status_code == 200
    assert world.call("GET", PATH).json()["description"] == "overridden"
    deleting = {"X-HTTP-Method-Override": "DELETE"}
    assert world.call("GET", PATH, headers=deleting).status_code == 200
    assert world.call("GET", PATH).status_code == 200
    assert world.call("POST", PATH, headers={"X-HTTP-Method-Override": "PUT"}).status_code == 404


def test_a_query_that_came_as_a_form(world: World) -> None:
    """google-api-python-client posts a long GET's query; its system parameters count, too."""
    headers = {"X-HTTP-Method-Override": "GET"}
    form = {"pageSize": "1", "prettyPrint": "false", "access_token": world.token()}
    answer = world.client.post("/v1beta/models", data=form, headers=headers)
    assert answer.text.startswith('{"models":[{"name":')
    assert len(answer.json()["models"]) == 1
    packed = gzip.compress(b"pageSize=1&key=" + world.key().encode())
    headers |= {"Content-Encoding": "gzip", "Content-Type": "application/x-www-form-urlencoded"}
    answer = world.client.post("/v1beta/models", content=packed, headers=headers)
    assert len(answer.json()["models"]) == 1
    assert world.client.post("/v1beta/models", content=b"!", headers=headers).status_code == 400


def test_packed_bodies(world: World) -> None:
    """A gzip body is read; a broken one is refused, but a stranger is refused first."""

    def patch(content: bytes, token: str) -> Response:
        headers = {"Content-Encoding": "gzip", "Authorization": f"Bearer {token}"}
        return world.client.patch(PATH, content=content, headers=headers)

    token = world.token()
    assert patch(gzip.compress(b'{"description": "packed"}'), token).status_code == 200
    assert world.call("GET", PATH).json()["description"] == "packed"
    broken = patch(b"not gzip", token)
    assert (broken.status_code, broken.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")
    assert patch(b"not gzip", "ya29.nothing").status_code == 401


def test_errors_in_the_older_format(world: World) -> None:
    """google-api-python-client gets a list of errors, and whoever asks for the older format."""
    path = "/v1beta/models/none"
    plain = world.call("GET", path).json()["error"]
    assert "errors" not in plain
    old = world.call("GET", path, headers={"x-goog-api-client": "gdcl/2.202.0"}).json()["error"]
    assert old.pop("errors")[0]["reason"] == "notFound"
    assert old == plain
    asked = world.call("GET", path, **{"$.xgafv": "1"}).json()["error"]
    assert asked["errors"][0]["domain"] == "global"
    token = world.token(ANN, ("openid",))
    headers = {"x-goog-api-client": "gdcl/2", "Authorization": f"Bearer {token}"}
    narrow = world.client.get("/v1beta/models", headers=headers).json()["error"]
    assert narrow["errors"][0]["reason"] == "insufficientPermissions"


def test_on_googles_hosts_the_api_is_at_its_own(world: World) -> None:
    """By another service's name there is no Gemini API."""
    headers = {"Authorization": f"Bearer {world.token()}"}
    for host, status in (("generativelanguage", 200), ("iam", 404), ("serviceusage", 404)):
        url = f"https://{host}.googleapis.com/v1/models"
        assert world.client.get(url, headers=headers).status_code == status


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
