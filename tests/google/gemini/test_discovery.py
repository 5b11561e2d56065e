from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from gemauth.errors import UsageError
from gemauth.google.gemini.discovery import discovery_document
from gemauth.google.gemini.method import VERSIONS
from gemauth.google.gemini.methods import METHODS
from gemauth.google.gemini.routes import Match, match

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCUMENT = discovery_document("v1beta")


def methods(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every method in the tree."""
    yield from node.get("methods", {}).values()
    for resource in node.get("resources", {}).values():
        yield from methods(resource)


def references(value: Any) -> Iterator[str]:
    """Every schema that a JSON value refers to."""
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for item in value.values():
            yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


@pytest.mark.parametrize("version", VERSIONS)
def test_every_route_is_a_method_of_its_own(version: str) -> None:
    """No two routes fall on one name, and each path leads back to its route."""
    found = list(methods(discovery_document(version)))
    ids = [method["id"] for method in found]
    routes = {(method.name, route.path) for method in METHODS for route in method.routes}
    assert len(ids) == len(set(ids)) == len(routes)
    led = set()
    for method in found:
        path = "/" + re.sub(r"\{\w+\}", "x", method["flatPath"])
        matched = match(method["httpMethod"], path)
        assert isinstance(matched, Match), path
        led.add((matched.method.name, matched.route.path))
    assert led == routes


def test_a_path_is_filled_by_its_parameter() -> None:
    """The pattern of a path's parameter takes a resource name and no other."""
    permissions = DOCUMENT["resources"]["tunedModels"]["resources"]["permissions"]["methods"]
    assert permissions["create"]["path"] == "v1beta/{+parent}/permissions"
    patch = permissions["patch"]
    assert (patch["path"], patch["parameterOrder"]) == ("v1beta/{+name}", ["name"])
    pattern = patch["parameters"]["name"]["pattern"]
    assert re.match(pattern, "tunedModels/x/permissions/1")
    assert not re.match(pattern, "tunedModels/x")
    assert not re.match(pattern, "corpora/x/permissions/1")


def test_what_is_neither_path_nor_body_is_a_query_parameter() -> None:
    """Its name is JSON's, its type and format the Discovery Service's."""
    methods = DOCUMENT["resources"]["tunedModels"]["methods"]
    assert methods["list"]["parameters"] == {
        "pageSize": {"type": "integer", "format": "int32", "location": "query"},
        "pageToken": {"type": "string", "location": "query"},
        "filter": {"type": "string", "location": "query"},
    }
    patch = methods["patch"]
    assert patch["request"] == {"$ref": "TunedModel"}
    assert set(patch["parameters"]) == {"name", "updateMask"}
    assert patch["parameters"]["updateMask"]["format"] == "google-fieldmask"
    assert set(methods["generateContent"]["parameters"]) == {"model"}


def test_no_schema_is_missing_and_none_is_in_vain() -> None:
    """Each `$ref` has its schema, and each schema is referred to."""
    referred = set(references(DOCUMENT))
    assert referred == DOCUMENT["schemas"].keys()
    assert all(name == schema["id"] for name, schema in DOCUMENT["schemas"].items())


PROPERTIES = {
    ("TunedModel", "createTime"): {"type": "string", "format": "google-datetime"},
    ("TunedModel", "temperature"): {"type": "number", "format": "float"},
    ("TunedModel", "topK"): {"type": "integer", "format": "int32"},
    ("TunedModel", "tuningTask"): {"$ref": "TuningTask"},
    ("TunedModel", "readerProjectNumbers"): {
        "type": "array",
        "items": {"type": "string", "format": "int64"},
    },
    ("TuningTask", "snapshots"): {"type": "array", "items": {"$ref": "TuningSnapshot"}},
    ("Model", "thinking"): {"type": "boolean"},
    ("Blob", "data"): {"type": "string", "format": "byte"},
    ("CachedContent", "ttl"): {"type": "string", "format": "google-duration"},
    ("CachedContent", "usageMetadata"): {"$ref": "CachedContentUsageMetadata"},
    ("FunctionCall", "args"): {"type": "object", "additionalProperties": {"type": "any"}},
    ("Schema", "properties"): {"type": "object", "additionalProperties": {"$ref": "Schema"}},
    ("Operation", "response"): {"type": "object", "additionalProperties": {"type": "any"}},
    ("PredictRequest", "parameters"): {"type": "any"},
    ("LatLng", "latitude"): {"type": "number", "format": "double"},
}


@pytest.mark.parametrize(("schema", "name"), PROPERTIES)
def test_a_property(schema: str, name: str) -> None:
    """A field's type and format are those of its JSON (ProtoJSON's table)."""
    assert DOCUMENT["schemas"][schema]["properties"][name] == PROPERTIES[schema, name]


def test_an_enum_is_its_names() -> None:
    """An enum is a string of a list."""
    role = DOCUMENT["schemas"]["Permission"]["properties"]["role"]
    assert role["type"] == "string"
    assert role["enum"] == ["ROLE_UNSPECIFIED", "OWNER", "WRITER", "READER"]


def test_files_are_uploaded_as_media() -> None:
    """google-generativeai's upload_file calls `media.upload`, which has its upload paths."""
    upload = DOCUMENT["resources"]["media"]["methods"]["upload"]
    assert upload["supportsMediaUpload"] is True
    assert upload["mediaUpload"]["protocols"]["simple"]["path"] == "/upload/v1beta/files"
    assert (upload["request"], upload["path"]) == ({"$ref": "CreateFileRequest"}, "v1beta/files")
    assert DOCUMENT["resources"]["files"]["methods"]["download"]["supportsMediaDownload"] is True


def test_no_scopes_are_told() -> None:
    """Google's document has no `auth`: a client that asks for a document's scopes asks for none."""
    assert "auth" not in DOCUMENT
    assert not any("scopes" in method for method in methods(DOCUMENT))


def test_where_it_is_called() -> None:
    """The document's address is Google's, or that of whoever serves it."""
    google = "https://generativelanguage.googleapis.com/"
    assert (DOCUMENT["rootUrl"], DOCUMENT["servicePath"], DOCUMENT["batchPath"]) == (
        google,
        "",
        "batch",
    )
    assert DOCUMENT["mtlsRootUrl"] == "https://generativelanguage.mtls.googleapis.com/"
    here = discovery_document("v1", "http://127.0.0.1:8080/")
    assert here["rootUrl"] == here["baseUrl"] == "http://127.0.0.1:8080/"
    assert "mtlsRootUrl" not in here
    assert (here["id"], here["version"]) == ("generativelanguage:v1", "v1")


def test_an_unknown_version() -> None:
    """There is no document of a version that there is not."""
    with pytest.raises(UsageError):
        discovery_document("v2")


def test_it_is_json() -> None:
    """It survives being written and read."""
    assert json.loads(json.dumps(DOCUMENT)) == DOCUMENT
