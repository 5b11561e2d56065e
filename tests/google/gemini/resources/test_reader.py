from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from hypothesis import given

from gemauth.errors import UnreachableError
from gemauth.google.gemini.resources import reader
from gemauth.google.gemini.resources.content import GenerateContentResponse
from gemauth.google.gemini.resources.files import File, Operation
from gemauth.google.gemini.resources.models import Model
from gemauth.google.gemini.resources.permissions import Permission, PermissionRole
from gemauth.google.gemini.resources.retrieval import Chunk, Corpus, RelevantChunk
from gemauth.google.gemini.resources.tuned_models import TunedModel
from gemauth.http import Response
from tests.google.gemini.resources.test_resource import anything

if TYPE_CHECKING:
    from gemauth.google.gemini.resources.resource import Resource

PLAIN: list[type[Resource]] = [Model, TunedModel, Permission, Corpus, Chunk, RelevantChunk]
OPEN: list[type[Resource]] = [File, Operation, GenerateContentResponse]


def answer(body: object) -> Response:
    """Return a success with a JSON body."""
    return Response(200, body=json.dumps(body).encode())


@given(resource=anything)
def test_both_ways_agree(resource: Resource) -> None:
    """What is read from the bytes is what is read from JSON, alone and on a page."""
    written = resource.to_json()
    assert reader.resource(type(resource), answer(written)) == resource
    page = {"things": [written, written], "nextPageToken": "t", "more": [{}]}
    assert reader.page(type(resource), answer(page), "things") == ((resource, resource), "t")


@pytest.mark.parametrize("kind", PLAIN)
def test_plain_resources_need_no_json(kind: type[Resource]) -> None:
    """Those that come in long lists are made from the bytes."""
    with patch.object(Response, "json", side_effect=AssertionError("parsed")):
        assert reader.resource(kind, answer({"name": "x"} if kind is Model else {})) is not None
        assert reader.page(kind, answer({"of": [{}]}), "of") == ((kind(),), "")


@pytest.mark.parametrize("kind", OPEN)
def test_open_resources_lose_nothing(kind: type[Resource]) -> None:
    """They keep members of tomorrow, which only JSON has."""
    body = {"tomorrow": {"x": [1]}}
    assert reader.resource(kind, answer(body)).to_json() == body
    assert reader.page(kind, answer({"of": [body]}), "of")[0][0].to_json() == body


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"name": None, "topK": None}, Model()),
        ({"topK": "64", "inputTokenLimit": "7"}, Model(top_k=64, input_token_limit=7)),
        ({"topK": 64.0, "temperature": 1}, Model(top_k=64, temperature=1.0)),
        ({"temperature": "NaN"}, None),
        ({"fieldOfTomorrow": [{}], "name": "x"}, Model(name="x")),
    ],
)
def test_what_protojson_allows(body: dict[str, Any], expected: Model | None) -> None:
    """A null is a default, a number may be text, and unknown members are dropped."""
    found = reader.resource(Model, answer(body))
    assert found == expected or str(found.temperature) == "nan"
    page = reader.page(Model, answer({"models": [body], "nextPageToken": None}), "models")
    assert len(page[0]) == 1
    assert page[1] == ""


def test_64_bits_in_a_list() -> None:
    """JSON carries them as text, which the fast way leaves to the other."""
    body = {"readerProjectNumbers": ["12", "9007199254740993"]}
    assert reader.resource(TunedModel, answer(body)).reader_project_numbers[1] == 9007199254740993


@pytest.mark.parametrize(
    ("kind", "body", "told"),
    [
        (Model, {"name": 1}, "a Model whose name makes no sense"),
        (Model, {"thinking": "false"}, "a Model whose thinking"),
        (Permission, {"role": "EMPEROR"}, "a Permission whose role"),
        (Model, [], "no JSON object"),
        (File, {"sizeBytes": "many"}, "a File whose sizeBytes"),
    ],
)
def test_what_makes_no_sense(kind: type[Resource], body: object, told: str) -> None:
    """The server is named, and the field."""
    with pytest.raises(UnreachableError, match=told):
        reader.resource(kind, answer(body))
    if isinstance(body, dict):
        with pytest.raises(UnreachableError, match=told):
            reader.page(kind, answer({"of": [body]}), "of")


@pytest.mark.parametrize("found", [{}, 3, "x", True])
def test_a_list_that_is_none(found: object) -> None:
    """In its place there is something else."""
    if not found:
        assert reader.page(Model, answer({"models": found}), "models") == ((), "")
    else:
        with pytest.raises(UnreachableError, match="whose models make no sense"):
            reader.page(Model, answer({"models": found}), "models")


@pytest.mark.parametrize("body", [b"", b"{}"])
@pytest.mark.parametrize("kind", [Model, File])
def test_an_empty_answer(kind: type[Resource], body: bytes) -> None:
    """Nothing is an unset resource, and an empty page."""
    assert reader.resource(kind, Response(200, body=body)) == kind()
    assert reader.page(kind, Response(200, body=body), "of") == ((), "")


@pytest.mark.parametrize("body", [b"<html>", b"[" * 100_000, b"\xff\xfe", b"null"])
@pytest.mark.parametrize("kind", [Model, File])
def test_what_is_no_json(kind: type[Resource], body: bytes) -> None:
    """A proxy that answers for the API is named as such."""
    with pytest.raises(UnreachableError, match="no JSON object"):
        reader.resource(kind, Response(200, body=body))
    with pytest.raises(UnreachableError, match="no JSON object"):
        reader.page(kind, Response(200, body=body), "of")


def test_enums_are_their_names() -> None:
    """A program compares them with what the documentation says."""
    found = reader.resource(Permission, answer({"role": "READER"}))
    assert found.role is PermissionRole.READER
    assert found.role == "READER"
    assert f"{found.role}" == "READER"
