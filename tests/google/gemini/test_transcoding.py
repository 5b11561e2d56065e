from __future__ import annotations

import json
from typing import Any

import pytest
from google.protobuf import json_format
from hypothesis import HealthCheck, assume, given, settings

from gemauth.errors import UsageError
from gemauth.google.gemini import methods
from gemauth.google.gemini.mapping import to_dict
from gemauth.google.gemini.routes import Match, fill, match, template
from gemauth.google.gemini.schema import schema
from gemauth.google.gemini.transcoding import decode_request, encode_request
from gemauth.google.invalid import InvalidRequestError
from tests.google.gemini.messages import messages


def decoded(verb: str, path: str, query: Any = (), body: bytes = b"") -> Any:
    """The request message of a call."""
    found = match(verb, path)
    assert isinstance(found, Match)
    return decode_request(found, query, body)


def texts(error: pytest.ExceptionInfo[InvalidRequestError]) -> list[tuple[str | None, str]]:
    """The violations of a refusal."""
    return [(v.field, v.description) for v in error.value.violations]


# verb, path, query, body, and the request message as JSON; the calls are those of the SDKs
# (gemini-api.md section 12)
CALLS = [
    ("GET", "/v1beta/models", [("pageSize", "50")], b"", {"pageSize": 50}),
    (
        "GET",
        "/v1/tunedModels",
        [("filter", "owner:me"), ("pageSize", "5")],
        b"",
        {"filter": "owner:me", "pageSize": 5},
    ),
    (
        "PATCH",
        "/v1beta/tunedModels/foo",
        [("updateMask", "description,displayName")],
        b'{"name": "tunedModels/foo", "displayName": "new", "state": 2}',
        {
            "tunedModel": {"name": "tunedModels/foo", "displayName": "new", "state": "ACTIVE"},
            "updateMask": "description,displayName",
        },
    ),
    (
        "PATCH",
        "/v1/tunedModels/foo",
        [],
        b'{"displayName": "x", "description": "y"}',
        {"tunedModel": {"name": "tunedModels/foo", "displayName": "x", "description": "y"}},
    ),
    ("DELETE", "/v1/tunedModels/foo", [], b"{}", {"name": "tunedModels/foo"}),
    (
        "POST",
        "/v1beta/tunedModels/foo/permissions",
        [],
        b'{"granteeType": 1, "email_address": "a@b.c", "role": 3}',
        {
            "parent": "tunedModels/foo",
            "permission": {"granteeType": "USER", "emailAddress": "a@b.c", "role": "READER"},
        },
    ),
    (
        "PATCH",
        "/v1beta/tunedModels/foo/permissions/7",
        [("update_mask", "role")],
        b'{"role": "WRITER"}',
        {
            "permission": {"name": "tunedModels/foo/permissions/7", "role": "WRITER"},
            "updateMask": "role",
        },
    ),
    (
        "POST",
        "/v1beta/tunedModels/foo:transferOwnership",
        [],
        b'{"emailAddress": "a@b.c"}',
        {"name": "tunedModels/foo", "emailAddress": "a@b.c"},
    ),
    (
        "POST",
        "/v1beta/tunedModels",
        [("tunedModelId", "foo")],
        b'{"displayName": "d"}',
        {"tunedModelId": "foo", "tunedModel": {"displayName": "d"}},
    ),
    ("DELETE", "/v1/corpora/c", [("force", "True")], b"", {"name": "corpora/c", "force": True}),
]


@pytest.mark.parametrize(("verb", "path", "query", "body", "request_json"), CALLS)
def test_a_call_means_a_request(
    verb: str,
    path: str,
    query: list[tuple[str, str]],
    body: bytes,
    request_json: dict[str, Any],
) -> None:
    """Path, query and body make one request message, in the version that was called."""
    request = decoded(verb, path, query, body)
    assert to_dict(request) == request_json
    assert f".{path.split('/')[1]}." in request.DESCRIPTOR.full_name


def test_the_path_decides_over_the_body() -> None:
    """A body cannot redirect a request to another resource than the one that was authorized."""
    patch = decoded("PATCH", "/v1/tunedModels/mine", [], b'{"name": "tunedModels/yours"}')
    assert patch.tuned_model.name == "tunedModels/mine"
    transfer = decoded("POST", "/v1/tunedModels/a:transferOwnership", [], b'{"name": "b"}')
    assert transfer.name == "tunedModels/a"
    got = decoded("GET", "/v1/tunedModels/a", [("name", "tunedModels/b")])
    assert got.name == "tunedModels/a"


def test_an_empty_body_is_an_empty_resource() -> None:
    """A create without a body has its resource, unset inside: what is missing is said later."""
    request = decoded("POST", "/v1/tunedModels/a/permissions")
    assert request.HasField("permission")
    assert to_dict(request.permission) == {}


def test_mistakes_in_body_and_query_are_said_together() -> None:
    """The body's paths start with the field that it is bound to."""
    with pytest.raises(InvalidRequestError) as error:
        decoded(
            "PATCH",
            "/v1beta/tunedModels/a/permissions/1",
            [("foo", "1")],
            b'{"rank": 1, "role": "BOSS"}',
        )
    role = "type.googleapis.com/google.ai.generativelanguage.v1beta.Permission.Role"
    unknown = "Invalid JSON payload received. Unknown name"
    assert texts(error) == [
        ("permission", f"{unknown} \"rank\" at 'permission': Cannot find field."),
        ("permission.role", f"Invalid value at 'permission.role' ({role}), \"BOSS\""),
        (
            None,
            (
                f'{unknown} "foo": Cannot bind query parameter.'
                " Field 'foo' could not be found in request message."
            ),
        ),
    ]


def test_a_method_without_a_body_knows_no_field() -> None:
    """A field in the body of a GET would be lost, so it is refused."""
    with pytest.raises(InvalidRequestError, match='Unknown name "pageSize": Cannot find field'):
        decoded("GET", "/v1/models", [], b'{"pageSize": 3}')


def test_a_body_that_is_no_object() -> None:
    """A list or a string is no resource, wherever the body is bound."""
    for path in ("/v1/tunedModels/a/permissions", "/v1/tunedModels/a:transferOwnership"):
        with pytest.raises(InvalidRequestError, match="Root element must be a message"):
            decoded("POST", path, [], b"[]")


ENCODED = [
    (methods.LIST_MODELS, {}, "GET", "/v1beta/models", None),
    (
        methods.LIST_TUNED_MODELS,
        {"filter": "owner:me writers:me", "pageSize": 3, "pageToken": None},
        "GET",
        "/v1beta/tunedModels?filter=owner%3Ame+writers%3Ame&pageSize=3",
        None,
    ),
    (
        methods.UPDATE_PERMISSION,
        {
            "permission": {"name": "tunedModels/x/permissions/1", "role": "READER"},
            "updateMask": "role",
        },
        "PATCH",
        "/v1beta/tunedModels/x/permissions/1?updateMask=role",
        {"role": "READER"},
    ),
    (
        methods.LIST_PERMISSIONS,
        {"parent": "corpora/c"},
        "GET",
        "/v1beta/corpora/c/permissions",
        None,
    ),
    (
        methods.TRANSFER_OWNERSHIP,
        {"name": "tunedModels/x", "emailAddress": "a@b"},
        "POST",
        "/v1beta/tunedModels/x:transferOwnership",
        {"emailAddress": "a@b"},
    ),
    (
        methods.DELETE_CORPUS,
        {"name": "corpora/c", "force": True},
        "DELETE",
        "/v1beta/corpora/c?force=true",
        None,
    ),
    (
        methods.CREATE_TUNED_MODEL,
        {"tunedModelId": "x"},
        "POST",
        "/v1beta/tunedModels?tunedModelId=x",
        {},
    ),
]


@pytest.mark.parametrize(("method", "fields", "verb", "target", "body"), ENCODED)
def test_a_request_makes_a_call(
    method: Any, fields: dict[str, Any], verb: str, target: str, body: Any
) -> None:
    """The route's verb, the filled path, the rest in the query or the body."""
    call = encode_request(method, fields)
    assert (call.verb, call.target, call.body) == (verb, target, body)


def test_query_pairs_are_flat() -> None:
    """Nested fields have dotted names, lists repeat theirs, null is left out."""
    call = encode_request(methods.LIST_MODELS, {"a": {"b": [1, None, True], "c": "d"}})
    assert call.query == (("a.b", "1"), ("a.b", "true"), ("a.c", "d"))


def test_a_name_that_fits_no_route_is_refused_before_it_is_sent() -> None:
    """A bare id or a missing name is the caller's mistake."""
    for fields in ({"name": "x"}, {}, {"name": None}):
        with pytest.raises(UsageError, match=r"tunedModels/\*"):
            encode_request(methods.GET_TUNED_MODEL, fields)
    with pytest.raises(UsageError, match=r"tunedModels/\*"):
        encode_request(methods.UPDATE_PERMISSION, {"permission": None})


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(message=messages())
def test_what_is_encoded_is_decoded(message: Any) -> None:
    """Any request goes through verb, path, query and body unchanged."""
    name = message.DESCRIPTOR.name
    found = [method for method in methods.METHODS if method.request == name]
    assume(found)
    parsed = template(found[0].path)
    if parsed.field:
        *parents, leaf = parsed.field.split(".")
        target = message
        for parent in parents:
            target = getattr(target, parent)
        pattern = parsed.segments[: parsed.bound]
        setattr(target, leaf, "/".join("an id" if part == "*" else part for part in pattern))
    field = found[0].body
    if field not in {"", "*"}:
        getattr(message, field).SetInParent()  # a body is always there
    fields = json_format.MessageToDict(message, descriptor_pool=schema("v1beta").pool)
    if not fields.get("updateMask", True):
        fields.pop("updateMask")
        message.ClearField("update_mask")
    call = encode_request(found[0], fields)
    body = b"" if call.body is None else json.dumps(call.body).encode()
    assert decoded(call.verb, call.path, call.query, body) == message


def test_filling_ignores_a_name_where_the_path_has_none() -> None:
    """A collection at the top has no name to bind."""
    assert fill(methods.LIST_MODELS, "anything")[1] == "models"
