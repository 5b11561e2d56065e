from __future__ import annotations

from typing import Any

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool

from gemauth.emulator.gemini.grpc import reflection
from gemauth.google.gemini.schema import schema

GET_MODEL = "google.ai.generativelanguage.v1beta.ModelService.GetModel"


@pytest.fixture(params=["grpc.reflection.v1", "grpc.reflection.v1alpha"])
def ask(request: pytest.FixtureRequest) -> Any:
    """Ask one thing, in both versions of the protocol."""
    package = request.param

    def ask(**fields: Any) -> Any:
        from google.protobuf.message_factory import GetMessageClass

        pool = schema("v1beta").pool
        name = f"{package}.ServerReflectionRequest"
        asked = GetMessageClass(pool.FindMessageTypeByName(name))(host="h", **fields)
        read = reflection.read(package, asked.SerializeToString())
        answer = reflection.answer(package, read, ["b.B", "a.A"])
        assert answer.valid_host == "h"
        assert answer.original_request == asked
        return answer

    return ask


def test_services_are_listed(ask: Any) -> None:
    """`list_services` names what the caller serves"""
    listed = ask(list_services="*").list_services_response.service
    assert [service.name for service in listed] == ["b.B", "a.A"]


@pytest.mark.parametrize(
    "symbol",
    [
        "google.ai.generativelanguage.v1beta.ModelService",
        GET_MODEL,
        "google.ai.generativelanguage.v1.TunedModel",
        "google.longrunning.Operations",
        "grpc.reflection.v1.ServerReflection",
        "google.rpc.ErrorInfo",
    ],
)
def test_a_symbols_file_can_be_loaded_alone(ask: Any, symbol: str) -> None:
    """What comes, in its order, makes an empty pool know the symbol: nothing is missing"""
    files = ask(file_containing_symbol=symbol).file_descriptor_response.file_descriptor_proto
    pool = DescriptorPool()
    for file in files:
        pool.AddSerializedFile(file)
    name = symbol.removesuffix(".GetModel")
    assert (
        pool.FindFileContainingSymbol(name).name == FileDescriptorProto.FromString(files[-1]).name
    )


def test_by_name(ask: Any) -> None:
    """A file by its name"""
    (file,) = ask(
        file_by_filename="google/protobuf/any.proto"
    ).file_descriptor_response.file_descriptor_proto
    assert FileDescriptorProto.FromString(file).package == "google.protobuf"


def test_extensions(ask: Any) -> None:
    """Extensions by number, and their numbers"""
    extended = "google.protobuf.MethodOptions"
    numbers = ask(all_extension_numbers_of_type=extended).all_extension_numbers_response
    assert numbers.base_type_name == extended
    assert 50731 in numbers.extension_number
    wanted = {"containing_type": extended, "extension_number": 50731}
    files = ask(file_containing_extension=wanted).file_descriptor_response.file_descriptor_proto
    assert FileDescriptorProto.FromString(files[-1]).name == "gemauth/options.proto"


@pytest.mark.parametrize(
    "fields",
    [
        {"file_by_filename": "nope.proto"},
        {"file_containing_symbol": "nope"},
        {"file_containing_symbol": "no.Service.Method"},
        {"file_containing_symbol": GET_MODEL + "x"},
        {"all_extension_numbers_of_type": "nope"},
        {"file_containing_extension": {"containing_type": "nope", "extension_number": 1}},
        {
            "file_containing_extension": {
                "containing_type": "google.protobuf.MethodOptions",
                "extension_number": 1,
            }
        },
    ],
    ids=str,
)
def test_unknown(ask: Any, fields: dict[str, Any]) -> None:
    """What does not exist is error 5, NOT_FOUND, and the stream goes on"""
    assert ask(**fields).error_response.error_code == 5


def test_nothing_asked(ask: Any) -> None:
    """An empty request is error 3, INVALID_ARGUMENT"""
    assert ask().error_response.error_code == 3
