"""The API's discovery document: the contract in the form that generic Google clients are built of.

Source: the format is the Google API Discovery Service's (restDescription); that of this API stands
at `/$discovery/rest?version=v1beta` of its host (gemini-api.md section 12). Like Google's it has no
`auth` (section 3), so a client asks for no scopes by itself; unlike Google's it has every route of
the contract, no descriptions, and names of nested schemas that are ours. The emulator serves it;
google-api-python-client and google-generativeai's `upload_file` read it.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from gemauth.google.endpoints import GEMINI_SERVICE
from gemauth.google.gemini.methods import CREATE_FILE, DOWNLOAD_FILE, METHODS
from gemauth.google.gemini.routes import template
from gemauth.google.gemini.schema import schema

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor, FieldDescriptor

    from gemauth.google.gemini.method import Method, Route
    from gemauth.google.gemini.schema import Schema

__all__ = ["discovery_document"]

Json = dict[str, Any]

GOOGLE = f"https://{GEMINI_SERVICE}/"
_LARGEST_FILE = 2 * 2**30  # bytes (gemini-api.md section 9)

# Messages whose JSON is one value: `type` and `format` (the Discovery Service's list of formats).
_WELL_KNOWN: dict[str, Json] = {
    "google.protobuf.Timestamp": {"type": "string", "format": "google-datetime"},
    "google.protobuf.Duration": {"type": "string", "format": "google-duration"},
    "google.protobuf.FieldMask": {"type": "string", "format": "google-fieldmask"},
    "google.protobuf.Value": {"type": "any"},
    "google.protobuf.ListValue": {"type": "array", "items": {"type": "any"}},
    "google.protobuf.Struct": {"type": "object", "additionalProperties": {"type": "any"}},
    "google.protobuf.Any": {"type": "object", "additionalProperties": {"type": "any"}},
}
# Scalar types by their number in descriptor.proto.
_SCALARS: dict[int, Json] = {
    1: {"type": "number", "format": "double"},
    2: {"type": "number", "format": "float"},
    3: {"type": "string", "format": "int64"},
    5: {"type": "integer", "format": "int32"},
    8: {"type": "boolean"},
    9: {"type": "string"},
    12: {"type": "string", "format": "byte"},
}
# System parameters (gemini-api.md section 1), with the values that an enumerated one can have.
_SYSTEM: dict[str, Json] = {
    "$.xgafv": {"type": "string", "enum": ["1", "2"], "enumDescriptions": ["", ""]},
    "access_token": {"type": "string"},
    "alt": {
        "type": "string",
        "default": "json",
        "enum": ["json", "media", "proto"],
        "enumDescriptions": ["", "", ""],
    },
    "callback": {"type": "string"},
    "fields": {"type": "string"},
    "key": {"type": "string"},
    "oauth_token": {"type": "string"},
    "prettyPrint": {"type": "boolean", "default": "true"},
    "quotaUser": {"type": "string"},
    "uploadType": {"type": "string"},
    "upload_protocol": {"type": "string"},
}
_STANDARD_METHODS = {"POST": "create", "PATCH": "patch", "DELETE": "delete"}


def discovery_document(version: str, root_url: str = GOOGLE) -> Json:
    """Return a version's restDescription.

    Args:
        version: `v1`, `v1beta` or `v1alpha`.
        root_url: where the API is called, with a slash at its end.

    Raises:
        UsageError: there is no such version.
    """
    at: Json = {"rootUrl": root_url, "baseUrl": root_url}
    if root_url == GOOGLE:
        at["mtlsRootUrl"] = GOOGLE.replace(".googleapis.", ".mtls.googleapis.")
    return {**_of_version(version), **at}


@cache
def _of_version(version: str) -> Json:
    of_version = schema(version)
    schemas: dict[str, Json] = {}
    resources: Json = {}
    for method in METHODS:
        request, response = (
            of_version.message(name).DESCRIPTOR for name in (method.request, method.response)
        )
        _add_schema(schemas, response)
        if method.body == "*":
            _add_schema(schemas, request)
        elif method.body:
            _add_schema(schemas, request.fields_by_name[method.body].message_type)
        for route in method.routes:
            _add_route(resources, of_version, method, route)
    return {
        "kind": "discovery#restDescription",
        "discoveryVersion": "v1",
        "id": f"generativelanguage:{version}",
        "name": "generativelanguage",
        "version": version,
        "title": "Generative Language API",
        "canonicalName": "Generative Language",
        "description": "The Gemini API, as the gemauth emulator's contract has it.",
        "documentationLink": "https://ai.google.dev/api",
        "ownerDomain": "google.com",
        "ownerName": "Google",
        "protocol": "rest",
        "version_module": True,
        "fullyEncodeReservedExpansion": True,
        "basePath": "",
        "servicePath": "",
        "batchPath": "batch",
        "parameters": {name: {"location": "query", **kind} for name, kind in _SYSTEM.items()},
        "resources": resources,
        "schemas": dict(sorted(schemas.items())),
    }


def _add_route(resources: Json, of_version: Schema, method: Method, route: Route) -> None:
    """Put a route into the tree: `a/*/b/*` is a method of resource `b` in resource `a`."""
    parsed = template(route.path)
    collections = list(parsed.segments[::2])
    if method is CREATE_FILE:
        name, collections = "upload", ["media"]
    elif parsed.custom:
        name = parsed.custom
    elif route.verb == "GET":
        name = "get" if len(parsed.segments) % 2 == 0 else "list"
    else:
        name = _STANDARD_METHODS[route.verb]
    node: Json = {"resources": resources}
    for collection in collections:
        node = node.setdefault("resources", {}).setdefault(collection, {})
    identifier = ".".join(["generativelanguage", *collections, name])
    described = _method(of_version, method, route, identifier)
    node.setdefault("methods", {})[name] = described


def _method(of_version: Schema, method: Method, route: Route, identifier: str) -> Json:
    request = of_version.message(method.request).DESCRIPTOR
    parsed = template(route.path)
    described: Json = {
        "id": identifier,
        "path": f"{of_version.version}/{_expansion(route)}",
        "flatPath": f"{of_version.version}/{_flat(route)}",
        "httpMethod": route.verb,
        "parameters": {},
        "parameterOrder": [],
        "response": {"$ref": _name(of_version.message(method.response).DESCRIPTOR)},
    }
    if parsed.field:
        described["parameters"][_variable(route)] = {
            "type": "string",
            "location": "path",
            "required": True,
            "pattern": _pattern(parsed.segments[: parsed.bound]),
        }
        described["parameterOrder"].append(_variable(route))
    if route.body == "*":
        described["request"] = {"$ref": _name(request)}
    else:
        bound = {parsed.field.partition(".")[0], route.body}
        for field in request.fields:
            if field.name == route.body:
                described["request"] = {"$ref": _name(field.message_type)}
            elif field.name not in bound:
                described["parameters"][field.json_name] = {**_property(field), "location": "query"}
    if method is CREATE_FILE:
        described |= _media_upload(described["path"])
    if method is DOWNLOAD_FILE:
        described |= {"supportsMediaDownload": True, "useMediaDownloadService": True}
    return described


def _media_upload(path: str) -> Json:
    return {
        "supportsMediaUpload": True,
        "mediaUpload": {
            "accept": ["*/*"],
            "maxSize": str(_LARGEST_FILE),
            "protocols": {
                "simple": {"multipart": True, "path": f"/upload/{path}"},
                "resumable": {"multipart": True, "path": f"/resumable/upload/{path}"},
            },
        },
    }


def _variable(route: Route) -> str:
    """Return the path's parameter: of `{permission.name=…}` it is `name`."""
    return template(route.path).field.rpartition(".")[2]


def _expansion(route: Route) -> str:
    """Return a route's path as a URI template (RFC 6570): `{+parent}/permissions`."""
    if not route.path.startswith("{"):
        return route.path
    return f"{{+{_variable(route)}}}{route.path.partition('}')[2]}"


def _flat(route: Route) -> str:
    """Return a route's path with a variable for each id: `tunedModels/{tunedModelsId}`."""
    parsed = template(route.path)
    parts = [
        f"{{{parsed.segments[i - 1]}Id}}" if part == "*" else part
        for i, part in enumerate(parsed.segments)
    ]
    return "/".join(parts) + (f":{parsed.custom}" if parsed.custom else "")


def _pattern(segments: tuple[str, ...]) -> str:
    return f"^{'/'.join('[^/]+' if part == '*' else part for part in segments)}$"


def _add_schema(schemas: dict[str, Json], message: Descriptor) -> None:
    """Put a message's schema among the others, and those of all that it refers to."""
    name = _name(message)
    if name in schemas or message.full_name in _WELL_KNOWN:
        return
    described: Json = {"id": name, "type": "object", "properties": {}}
    schemas[name] = described
    for field in message.fields:
        described["properties"][field.json_name] = _property(field)
        kind = field.message_type
        if kind is not None and kind.GetOptions().map_entry:
            kind = kind.fields_by_name["value"].message_type
        if kind is not None:
            _add_schema(schemas, kind)


def _property(field: FieldDescriptor) -> Json:
    """Return what a field is in JSON."""
    kind = field.message_type
    if kind is not None and kind.GetOptions().map_entry:
        return {
            "type": "object",
            "additionalProperties": _value(kind.fields_by_name["value"]),
        }
    return {"type": "array", "items": _value(field)} if _repeated(field) else _value(field)


def _value(field: FieldDescriptor) -> Json:
    """Return what one value of a field is in JSON."""
    if field.message_type is not None:
        well_known = _WELL_KNOWN.get(field.message_type.full_name)
        return dict(well_known) if well_known else {"$ref": _name(field.message_type)}
    if field.enum_type is not None:
        names = [value.name for value in field.enum_type.values]
        return {"type": "string", "enum": names, "enumDescriptions": [""] * len(names)}
    return dict(_SCALARS[field.type])


def _repeated(field: FieldDescriptor) -> bool:
    # as in reader.py: `label` is deprecated where `is_repeated` exists
    return field.is_repeated if hasattr(field, "is_repeated") else getattr(field, "label", 0) == 3


def _name(message: Descriptor) -> str:
    """Return a message's name in the document: `GenerateContentResponseUsageMetadata`."""
    return message.full_name.removeprefix(f"{message.file.package}.").replace(".", "")
