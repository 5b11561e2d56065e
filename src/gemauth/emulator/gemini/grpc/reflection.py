"""gRPC server reflection: what grpcurl and the like ask before they call (v1 and v1alpha).

Source: grpc/reflection/v1/reflection.proto and "GRPC Server Reflection Protocol". A file comes with
all that it imports, each before those that import it; gRPC's own servers differ in this, and
clients take both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gemauth.google.gemini.schema import schema
from gemauth.google.status import Code

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from google.protobuf.descriptor import FileDescriptor
    from google.protobuf.descriptor_pool import DescriptorPool

    from gemauth.google.gemini.schema import ApiMessage

__all__ = ["PATHS", "SERVICES", "answer", "read"]

SERVICES = ("grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection")
PATHS = {f"/{service}/ServerReflectionInfo": service.rpartition(".")[0] for service in SERVICES}
"""Path of a call -> package of its messages."""


def read(package: str, message: bytes) -> ApiMessage:
    """Return a request.

    Raises:
        DecodeError: it is none.
    """
    request = _new(f"{package}.ServerReflectionRequest")
    request.ParseFromString(message)
    return request


def answer(package: str, request: ApiMessage, services: Sequence[str]) -> ApiMessage:
    """Return the answer to a request of `grpc.reflection.v1` or `.v1alpha`.

    Args:
        package: whose messages these are.
        request: a ServerReflectionRequest.
        services: the full names of the services that are listed.
    """
    response = _new(f"{package}.ServerReflectionResponse")
    response.valid_host = request.host
    response.original_request.CopyFrom(request)
    asked = request.WhichOneof("message_request")
    pool = schema("v1beta").pool
    try:
        if asked == "list_services":
            response.list_services_response.SetInParent()
            for service in services:
                response.list_services_response.service.add(name=service)
        elif asked == "all_extension_numbers_of_type":
            extended = pool.FindMessageTypeByName(request.all_extension_numbers_of_type)
            found = response.all_extension_numbers_response
            found.base_type_name = extended.full_name
            found.extension_number.extend(e.number for e in pool.FindAllExtensions(extended))
        elif asked is not None:
            for file in _with_imports(_file(pool, asked, request), set()):
                response.file_descriptor_response.file_descriptor_proto.append(file.serialized_pb)
        else:
            _refuse(response, Code.INVALID_ARGUMENT, "The request asks for nothing.")
    except KeyError as error:
        _refuse(response, Code.NOT_FOUND, str(error.args[0]))
    return response


def _new(name: str) -> ApiMessage:
    from google.protobuf.message_factory import GetMessageClass

    return GetMessageClass(schema("v1beta").pool.FindMessageTypeByName(name))()


def _file(pool: DescriptorPool, asked: str, request: ApiMessage) -> FileDescriptor:
    """Return the file that is asked for.

    Raises:
        KeyError: there is none.
    """
    if asked == "file_by_filename":
        return pool.FindFileByName(request.file_by_filename)
    if asked == "file_containing_extension":
        wanted = request.file_containing_extension
        extended = pool.FindMessageTypeByName(wanted.containing_type)
        extension: Any = pool.FindExtensionByNumber(extended, wanted.extension_number)
        file: FileDescriptor = extension.file  # which protobuf's type hints do not know
        return file
    symbol = request.file_containing_symbol
    try:
        return pool.FindFileContainingSymbol(symbol)
    except KeyError:  # protobuf does not look for a method, only for its service
        service, _, method = symbol.rpartition(".")
        if method not in pool.FindServiceByName(service).methods_by_name:
            raise
        return pool.FindFileContainingSymbol(service)


def _with_imports(file: FileDescriptor, seen: set[str]) -> Iterator[FileDescriptor]:
    if file.name not in seen:
        seen.add(file.name)
        for imported in file.dependencies:
            yield from _with_imports(imported, seen)
        yield file


def _refuse(response: ApiMessage, code: Code, text: str) -> None:
    response.error_response.error_code = code.number
    response.error_response.error_message = text
