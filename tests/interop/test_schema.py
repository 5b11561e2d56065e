"""Our .proto files against the published package google-ai-generativelanguage, field by field."""

from __future__ import annotations

import importlib
import re
from importlib.metadata import version
from typing import Any

import pytest
from google.ai import generativelanguage_v1beta as published
from google.longrunning import operations_pb2
from google.protobuf import descriptor_pool
from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto

from gemauth.google.gemini.method import OPERATIONS as OPERATIONS_SERVICE
from gemauth.google.gemini.methods import METHODS
from gemauth.google.gemini.schema import schema

pytestmark = pytest.mark.interop

FILES = (
    "models",
    "tuned_models",
    "permissions",
    "retrieval",
    "content",
    "generation",
    "files",
    "cached_contents",
    "prediction_service",
    "palm",
)
PACKAGE = "google.ai.generativelanguage.v1beta"
# The release that our files were checked against in full; the SDK's pin is older.
CURRENT = (0, 12)
OLD = tuple(int(part) for part in version("google-ai-generativelanguage").split(".")[:2]) < CURRENT

# What only the newer release has, so that the test against the SDK's pin must not miss it.
NEWER_MESSAGES = {
    "DownloadFileRequest",
    "DownloadFileResponse",
    "FileSearch",
    "FunctionResponseBlob",
    "FunctionResponsePart",
    "GoogleMaps",
    "ImageConfig",
    "ModalityTokenCount",
    "MultiSpeakerVoiceConfig",
    "PredictLongRunningRequest",
    "RetrievalConfig",
    "SpeakerVoiceConfig",
    "ThinkingConfig",
    "UrlContext",
    "UrlContextMetadata",
    "UrlMetadata",
    "VideoFileMetadata",
}
NEWER_NESTED = {
    "FileSearch.RetrievalConfig",
    "FileSearch.RetrievalResource",
    "GroundingChunk.Maps",
    "GroundingChunk.Maps.PlaceAnswerSources",
    "GroundingChunk.Maps.PlaceAnswerSources.ReviewSnippet",
    "GroundingChunk.RetrievedContext",
    "Tool.ComputerUse",
}
NEWER_FIELDS = {
    "Candidate": {"finish_message", "url_context_metadata"},
    "File": {"download_uri", "source"},
    "CountTokensResponse": {"cache_tokens_details", "prompt_tokens_details"},
    "FunctionDeclaration": {"behavior", "parameters_json_schema", "response_json_schema"},
    "FunctionResponse": {"parts", "scheduling", "will_continue"},
    "GenerateContentResponse": {"response_id"},
    "GenerateContentResponse.UsageMetadata": {
        "cache_tokens_details",
        "candidates_tokens_details",
        "prompt_tokens_details",
        "thoughts_token_count",
        "tool_use_prompt_token_count",
        "tool_use_prompt_tokens_details",
    },
    "GenerationConfig": {
        "image_config",
        "media_resolution",
        "response_json_schema",
        "response_json_schema_ordered",
        "seed",
        "thinking_config",
    },
    "GroundingChunk": {"maps", "retrieved_context"},
    "GroundingMetadata": {"google_maps_widget_context_token"},
    "LogprobsResult": {"log_probability_sum"},
    "Model": {"thinking"},
    "Part": {"part_metadata", "thought", "thought_signature", "video_metadata"},
    "RelevantChunk": {"document"},
    "Schema": {
        "any_of",
        "default",
        "example",
        "max_length",
        "max_properties",
        "maximum",
        "min_length",
        "min_properties",
        "minimum",
        "pattern",
        "property_ordering",
        "title",
    },
    "SpeechConfig": {"language_code", "multi_speaker_voice_config"},
    "Tool": {"computer_use", "file_search", "google_maps", "url_context"},
    "Tool.GoogleSearch": {"time_range_filter"},
    "ToolConfig": {"retrieval_config"},
}
NEWER_ENUMS = {"Modality", "GenerationConfig.MediaResolution", "File.Source"}
NEWER_METHODS = {"DownloadFile", "PredictLongRunning"}
NEWER_VALUES = {
    "Candidate.FinishReason": {
        "IMAGE_OTHER",
        "IMAGE_PROHIBITED_CONTENT",
        "IMAGE_RECITATION",
        "NO_IMAGE",
        "TOO_MANY_TOOL_CALLS",
        "UNEXPECTED_TOOL_CALL",
    },
    "FunctionCallingConfig.Mode": {"VALIDATED"},
    "TaskType": {"CODE_RETRIEVAL_QUERY"},
    "Type": {"NULL"},
}
# The older release has another message of this name: a file's metadata, since renamed.
RENAMED = {"VideoMetadata"}


def own_messages() -> dict[str, Any]:
    """Every message of ours, nested ones too, by its name in the package."""
    pool = schema("v1beta").pool
    found: dict[str, Any] = {}
    for name in FILES:
        file = pool.FindFileByName(f"v1beta/gemini/{name}.proto")
        for message in file.message_types_by_name.values():
            collect(message, found)
    return found


def collect(message: Any, found: dict[str, Any]) -> None:
    """Add a message and those in it, map entries aside."""
    found[message.full_name.removeprefix(f"{PACKAGE}.")] = message
    for nested in message.nested_types:
        if not nested.GetOptions().map_entry:
            collect(nested, found)


OURS = own_messages()


def of_package(descriptor: Any) -> str:
    """A type's name in the package; whole for other packages."""
    name: str = descriptor.full_name
    return name.removeprefix(f"{PACKAGE}.")


def theirs(name: str) -> Any:
    """The published message of a name, or None."""
    pool = descriptor_pool.Default()
    try:
        return pool.FindMessageTypeByName(f"{PACKAGE}.{name}")
    except KeyError:
        return None


def facts(message: Any) -> dict[str, tuple[Any, ...]]:
    """What stands on the wire and in JSON of each field, by name."""
    copied = DescriptorProto()
    message.CopyToProto(copied)
    described = {}
    for field in copied.field:
        descriptor = message.fields_by_name[field.name]
        oneof = ""
        if field.HasField("oneof_index") and not field.proto3_optional:
            oneof = copied.oneof_decl[field.oneof_index].name
        target = descriptor.message_type or descriptor.enum_type
        # proto-plus appends an underscore to names that Python keeps for itself
        name = field.name.rstrip("_")
        described[name] = (
            field.number,
            FieldDescriptorProto.Type.Name(field.type),
            FieldDescriptorProto.Label.Name(field.label),
            field.proto3_optional,
            oneof,
            of_package(target) if target else "",
        )
    return described


@pytest.mark.parametrize("name", sorted(OURS))
def test_a_message_has_the_published_fields(name: str) -> None:
    """Each field has the published number, type, label, presence and oneof; none is missing."""
    message = theirs(name)
    if OLD and (name in NEWER_MESSAGES | NEWER_NESTED | RENAMED):
        assert message is None or name in RENAMED, f"{name} is in the SDK's pin after all"
        return
    assert message is not None, f"the published package has no {name}"
    ours = facts(OURS[name])
    newer = NEWER_FIELDS.get(name, set()) if OLD else set()
    assert newer <= ours.keys()
    expected = facts(message)
    if OLD and name == "File":
        assert expected["video_metadata"][-1] in RENAMED
        expected["video_metadata"] = (*expected["video_metadata"][:-1], "VideoFileMetadata")
    assert {field: fact for field, fact in ours.items() if field not in newer} == expected


def own_enums() -> dict[str, Any]:
    """Every enum of ours, by its name in the package."""
    enums: dict[str, Any] = {}
    for message in OURS.values():
        for enum in message.enum_types:
            enums[of_package(enum)] = enum
        for field in message.fields:
            if field.enum_type:
                enums[of_package(field.enum_type)] = field.enum_type
    return enums


ENUMS = own_enums()


@pytest.mark.parametrize("name", sorted(ENUMS))
def test_an_enum_has_the_published_values(name: str) -> None:
    """Each enum value has the published number; none is missing."""
    outer = name.partition(".")[0]
    try:
        enum = descriptor_pool.Default().FindEnumTypeByName(f"{PACKAGE}.{name}")
    except KeyError:
        known = name in NEWER_ENUMS or outer in NEWER_MESSAGES
        nested_newer = any(name.startswith(f"{message}.") for message in NEWER_NESTED)
        introduced = name in {"FunctionDeclaration.Behavior", "FunctionResponse.Scheduling"}
        assert OLD
        assert known or nested_newer or introduced, f"the published package has no enum {name}"
        return
    newer = NEWER_VALUES.get(name, set()) if OLD else set()
    ours = {value.name: value.number for value in ENUMS[name].values}
    assert newer <= ours.keys()
    assert {value: number for value, number in ours.items() if value not in newer} == {
        value.name: value.number for value in enum.values
    }


def snake_case(name: str) -> str:
    """`ModelService` as `model_service`."""
    return re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()


# REST only: Google publishes no .proto of it (proto/gemini/file_search_stores.proto).
UNPUBLISHED = "FileSearchStoreService"
OWN_SERVICES = [m for m in METHODS if "." not in m.service and m.service != UNPUBLISHED]


@pytest.mark.parametrize("method", OWN_SERVICES, ids=lambda m: f"{m.service}.{m.name}")
def test_a_method_has_the_published_messages_and_routes(method: Any) -> None:
    """Each rpc exists under its service, with the published request, answer and REST routes."""
    package = f"google.ai.generativelanguage_v1beta.services.{snake_case(method.service)}"
    base = importlib.import_module(f"{package}.transports.rest_base")
    name = method.name
    if OLD and name in NEWER_METHODS:
        assert not hasattr(published, method.request)
        return
    transport = getattr(base, f"_Base{method.service}RestTransport")
    options = getattr(transport, f"_Base{name}")._get_http_options()
    routes = {
        (option["method"].upper(), option["uri"].removeprefix("/v1beta/"), option.get("body", ""))
        for option in options
    }
    ours = {(route.verb, route.path, route.body) for route in method.routes}
    if OLD:
        ours = {route for route in ours if "=dynamic/" not in route[1]}
    assert ours == routes
    if not method.request.startswith("google."):
        assert hasattr(published, method.request)
    if not method.response.startswith("google."):
        assert hasattr(published, method.response)


# Newer than some releases of googleapis-common-protos that the clients run with.
NEWER_OPERATION_FIELDS = {"return_partial_success", "unreachable"}
OPERATIONS = {
    "GetOperationRequest",
    "ListOperationsRequest",
    "ListOperationsResponse",
    "CancelOperationRequest",
    "DeleteOperationRequest",
    "Operation",
}


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_operations_have_the_published_fields(name: str) -> None:
    """google.longrunning's messages have the fields of googleapis-common-protos."""
    ours = facts(schema("v1beta").message(f"google.longrunning.{name}").DESCRIPTOR)
    published_fields = facts(getattr(operations_pb2, name).DESCRIPTOR)
    missing = ours.keys() - published_fields.keys()
    assert missing <= NEWER_OPERATION_FIELDS
    assert {field: fact for field, fact in ours.items() if field not in missing} == published_fields


def published_operation_routes(version: str, rpc: str) -> set[tuple[str, str]]:
    """The routes of an Operations method as one version's transport has them."""
    package = f"google.ai.generativelanguage_{version}.services.model_service"
    base = importlib.import_module(f"{package}.transports.rest_base")
    mixin = getattr(base._BaseModelServiceRestTransport, f"_Base{rpc}", None)
    options = mixin._get_http_options() if mixin else []
    return {(o["method"].upper(), o["uri"].removeprefix(f"/{version}/")) for o in options}


@pytest.mark.parametrize(
    "method", [m for m in METHODS if m.service == OPERATIONS_SERVICE], ids=lambda m: str(m.name)
)
def test_operations_have_the_routes_of_every_version(method: Any) -> None:
    """Ours are those of v1 and v1beta together, File Search's of today for what was ragStores, and
    a pattern of one segment where v1 takes any number.
    """
    ours = {(route.verb, route.path) for route in method.routes}
    v1, v1beta = (published_operation_routes(version, method.name) for version in ("v1", "v1beta"))
    routes = {
        (verb, path.replace("operations/**", "operations/*"))
        for verb, path in v1 | v1beta
        if "ragStores" not in path
    }
    rag_stores = {
        ("GET", "{name=fileSearchStores/*/operations/*}"),
        ("GET", "{name=fileSearchStores/*/upload/operations/*}"),
    }
    assert routes <= ours if OLD else ours - rag_stores == routes


def test_both_schemas_live_in_one_process() -> None:
    """Ours is in a pool of its own: a message of Google's and one of ours differ in class, and
    bytes of the one are read by the other.
    """
    ours = schema("v1beta").message("Permission")
    google = published.Permission
    written = google.serialize(google(name="tunedModels/x/permissions/1", role="WRITER"))
    read = ours.FromString(written)
    assert (read.name, read.role) == ("tunedModels/x/permissions/1", 2)
    assert not isinstance(read, type(google.pb(google())))
    assert ours.DESCRIPTOR.file.pool is not descriptor_pool.Default()
