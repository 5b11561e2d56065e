"""The API's messages as protobuf classes, in a descriptor pool of their own.

Compiled from our .proto files (design decision 4). The pool is private because Google's packages
register the same full names in protobuf's default pool, and both may live in one process. v1 and
v1alpha are the v1beta contract under another package name: google-genai asks every version for
every resource (gemini-api.md section 0). The emulator reads and writes requests with it; the
client does without (resources.py).
"""

from __future__ import annotations

import threading
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, TypeAlias

from gemauth.errors import UsageError
from gemauth.google.gemini.method import PACKAGE, VERSIONS

if TYPE_CHECKING:
    from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto
    from google.protobuf.descriptor_pool import DescriptorPool

__all__ = ["ApiMessage", "Schema", "build_pool", "schema"]

# A message whose class exists at run time only; its fields are those of the .proto files.
ApiMessage: TypeAlias = Any

_WRITTEN = "v1beta"  # the version that the .proto files are written in
_OWN_FILES = "gemini/"
_lock = threading.Lock()


class Schema:
    """One version's messages."""

    def __init__(self, version: str, pool: DescriptorPool) -> None:
        self.version = version
        self.pool = pool

    def message(self, name: str) -> type[ApiMessage]:
        """Return the class of `TunedModel`, or of a full name such as `google.protobuf.Empty`.

        Raises:
            KeyError: the schema has no such message.
        """
        from google.protobuf.message_factory import GetMessageClass

        full = name if name.startswith("google.") else f"{PACKAGE}.{self.version}.{name}"
        return GetMessageClass(self.pool.FindMessageTypeByName(full))


def schema(version: str) -> Schema:
    """Return the schema of `v1`, `v1beta` or `v1alpha`; all three share one pool.

    Raises:
        UsageError: there is no such version.
    """
    if version not in VERSIONS:
        raise UsageError(f"{version!r} is no version of the Gemini API ({', '.join(VERSIONS)}).")
    with _lock:  # functools.cache alone may build two pools, whose messages do not mix
        return _schemas()[version]


@cache
def _schemas() -> dict[str, Schema]:
    compiled = resources.files(__package__).joinpath("schema.binpb").read_bytes()
    pool = build_pool(compiled)
    return {version: Schema(version, pool) for version in VERSIONS}


def build_pool(descriptor_set: bytes) -> DescriptorPool:
    """Return a new pool that holds a compiled contract in all three versions.

    Protobuf's own files come from the installed protobuf, not from the compiled set, so that the
    set does not depend on the compiler's version.
    """
    from google.protobuf import (
        any_pb2,
        descriptor_pb2,
        descriptor_pool,
        duration_pb2,
        empty_pb2,
        field_mask_pb2,
        struct_pb2,
        timestamp_pb2,
    )

    pool = descriptor_pool.DescriptorPool()
    for module in (
        any_pb2,
        descriptor_pb2,
        duration_pb2,
        empty_pb2,
        field_mask_pb2,
        struct_pb2,
        timestamp_pb2,
    ):
        pool.AddSerializedFile(module.DESCRIPTOR.serialized_pb)
    files = descriptor_pb2.FileDescriptorSet.FromString(descriptor_set).file
    for version in VERSIONS:
        for file in files:
            if file.name.startswith(_OWN_FILES):
                pool.AddSerializedFile(_renamed(file, version).SerializeToString())
            elif version == VERSIONS[0]:
                pool.AddSerializedFile(file.SerializeToString())
    return pool


def _renamed(file: FileDescriptorProto, version: str) -> FileDescriptorProto:
    """Return a file of the written version moved to another version's package."""
    moved = type(file)()
    moved.CopyFrom(file)
    moved.name = f"{version}/{file.name}"
    moved.package = f"{PACKAGE}.{version}"
    moved.dependency[:] = [
        f"{version}/{name}" if name.startswith(_OWN_FILES) else name for name in file.dependency
    ]
    for message in moved.message_type:
        _move_fields(message, version)
    for service in moved.service:
        for method in service.method:
            method.input_type = _moved_name(method.input_type, version)
            method.output_type = _moved_name(method.output_type, version)
    return moved


def _move_fields(message: DescriptorProto, version: str) -> None:
    for field in message.field:
        if field.type_name:
            field.type_name = _moved_name(field.type_name, version)
    for nested in message.nested_type:
        _move_fields(nested, version)


def _moved_name(name: str, version: str) -> str:
    written = f".{PACKAGE}.{_WRITTEN}."
    if not name.startswith(written):
        return name
    return f".{PACKAGE}.{version}.{name.removeprefix(written)}"
