from __future__ import annotations

import threading

import pytest

from gemauth.errors import UsageError
from gemauth.google.gemini.method import VERSIONS
from gemauth.google.gemini.methods import METHODS
from gemauth.google.gemini.schema import build_pool, schema


@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_has_every_message_of_every_method(version: str) -> None:
    """v1 and v1alpha are the whole contract under their own package name."""
    of_version = schema(version)
    for method in METHODS:
        for name in (method.request, method.response):
            descriptor = of_version.message(name).DESCRIPTOR
            if not name.startswith("google."):
                assert descriptor.full_name == f"google.ai.generativelanguage.{version}.{name}"


@pytest.mark.parametrize("version", VERSIONS)
def test_a_version_refers_to_its_own_messages_only(version: str) -> None:
    """No field of one version is of another version's type."""
    of_version = schema(version)
    for method in METHODS:
        for field in of_version.message(method.request).DESCRIPTOR.fields:
            target = field.message_type or field.enum_type
            if target is not None and "generativelanguage" in target.full_name:
                assert f".{version}." in target.full_name


@pytest.mark.parametrize("version", VERSIONS)
def test_a_version_has_the_services(version: str) -> None:
    """The services are renamed with the messages, so gRPC can serve each version."""
    for method in METHODS:
        name, _, rpc = method.full_name(version).rpartition(".")
        found = schema(version).pool.FindServiceByName(name).methods_by_name[rpc]
        assert found.input_type.full_name.endswith(f".{method.request}".removeprefix(".google"))


def test_googles_own_packages_meet_nothing_of_ours() -> None:
    """The default pool of protobuf, where Google's packages register, has none of our files."""
    from google.protobuf import descriptor_pool

    schema("v1beta")
    default = descriptor_pool.Default()
    for version in VERSIONS:
        with pytest.raises(KeyError):
            default.FindMessageTypeByName(f"google.ai.generativelanguage.{version}.TunedModel")
    with pytest.raises(KeyError):
        default.FindFileByName("gemauth/options.proto")


def test_googles_package_may_register_the_same_names_first() -> None:
    """A file of the same full names in the default pool does not disturb ours, nor ours it."""
    from google.protobuf import descriptor_pb2, descriptor_pool
    from google.protobuf.message_factory import GetMessageClass

    file = descriptor_pb2.FileDescriptorProto(
        name="someone/elses.proto", package="google.ai.generativelanguage.v1beta", syntax="proto3"
    )
    file.message_type.add(name="Corpus").field.add(name="alien", number=9, type=9, label=1)
    default = descriptor_pool.Default()
    default.AddSerializedFile(file.SerializeToString())
    alien = GetMessageClass(
        default.FindMessageTypeByName("google.ai.generativelanguage.v1beta.Corpus")
    )
    ours = schema("v1beta").message("Corpus")
    assert ours is not alien
    assert ours(name="corpora/x").SerializeToString() == b"\n\tcorpora/x"


def test_an_unknown_message_or_version_is_said() -> None:
    """A version that Google does not have is the caller's mistake, a message is a KeyError."""
    with pytest.raises(KeyError):
        schema("v1").message("NoSuchMessage")
    with pytest.raises(UsageError, match="v2"):
        schema("v2")


def test_threads_that_come_first_together_get_one_pool() -> None:
    """Messages of two pools do not mix, so there is only ever one."""
    found = []
    threads = [threading.Thread(target=lambda: found.append(schema("v1"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(one) for one in found}) == 1
    assert found[0].pool is schema("v1alpha").pool


def test_a_compiled_set_without_files_is_an_empty_pool() -> None:
    """The pool holds what it is given and protobuf's own files, nothing else."""
    pool = build_pool(b"")
    assert pool.FindMessageTypeByName("google.protobuf.Timestamp").full_name
    with pytest.raises(KeyError):
        pool.FindMessageTypeByName("google.ai.generativelanguage.v1beta.Model")
