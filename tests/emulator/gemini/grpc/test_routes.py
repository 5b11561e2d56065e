from __future__ import annotations

import pytest

from gemauth.emulator.gemini.grpc.routes import incoming, paths, services
from gemauth.google.gemini.method import VERSIONS
from gemauth.google.gemini.methods import CREATE_PERMISSION, GET_MODEL, LIST_MODELS, METHODS
from gemauth.google.status import StatusError
from tests.emulator.gemini.grpc.calls import message


def test_every_method_has_a_path_in_each_version() -> None:
    """The contract's methods, in three packages; a service without a version has one path"""
    table = paths(METHODS)
    for method in METHODS:
        for version in VERSIONS:
            service, _, name = method.full_name(version).rpartition(".")
            found, of_version = table[f"/{service}/{name}"]
            assert found is method
            assert of_version == (version if version in service else "v1beta")


def test_services() -> None:
    """Services are listed by full name, once each"""
    listed = services(METHODS)
    assert "google.ai.generativelanguage.v1.ModelService" in listed
    assert "google.ai.generativelanguage.v1beta.PermissionService" in listed
    assert "google.longrunning.Operations" in listed
    assert len(listed) == len(set(listed))


def test_the_request_is_read_when_it_is_asked_for() -> None:
    """Bytes that are no message are refused by `decode`, which admission comes before"""
    call = incoming(GET_MODEL, "v1beta", b"\xff", {})
    with pytest.raises(StatusError) as refused:
        call.decode()
    assert refused.value.status.code.name == "INTERNAL"


def test_metadata_carries_credentials() -> None:
    """The places are REST's headers"""
    metadata = {
        "authorization": "Bearer t",
        "x-goog-api-key": "k",
        "x-goog-user-project": "p",
        "x-goog-request-params": "name=other",
    }
    call = incoming(GET_MODEL, "v1", message("GetModelRequest", "v1", name="models/x"), metadata)
    carriers = call.carriers
    assert (carriers.bearer, carriers.api_key, carriers.quota_project) == ("t", "k", "p")
    assert call.decode().name == "models/x"


@pytest.mark.parametrize(("parent", "implemented"), [("tunedModels/x", True), ("corpora/x", False)])
def test_what_is_answered_is_what_rest_answers(parent: str, implemented: bool) -> None:  # noqa: FBT001  # a table's column
    """A method that REST answers on one kind of resource is answered on that kind here"""
    body = message("CreatePermissionRequest", parent=parent)
    assert incoming(CREATE_PERMISSION, "v1beta", body, {}).implemented == implemented


@pytest.mark.parametrize("name", ["", "x", "models", "models/", "models/a/b", "tunedModels/x"])
def test_a_name_of_another_form(name: str) -> None:
    """A resource name that no route takes is INVALID_ARGUMENT and names the field"""
    call = incoming(GET_MODEL, "v1beta", message("GetModelRequest", name=name), {})
    assert call.implemented
    with pytest.raises(StatusError, match=r"^\* GetModelRequest\.name: unexpected") as refused:
        call.decode()
    assert refused.value.status.code.name == "INVALID_ARGUMENT"


def test_a_method_without_a_name() -> None:
    """Nothing is checked where REST's path has no variable"""
    call = incoming(LIST_MODELS, "v1beta", message("ListModelsRequest", pageSize=3), {})
    assert call.decode().page_size == 3
