from __future__ import annotations

import subprocess
import sys

from gemauth.google.gemini import methods
from gemauth.google.gemini.method import VERSIONS, Role


def test_a_method_is_named_as_error_details_name_it() -> None:
    """ErrorInfo has the dotted name, with the version that was called."""
    assert (
        methods.LIST_MODELS.full_name("v1")
        == "google.ai.generativelanguage.v1.ModelService.ListModels"
    )


def test_a_service_of_another_package_has_one_name() -> None:
    """Operations serve every version under the one name."""
    name = "google.longrunning.Operations.GetOperation"
    assert {methods.GET_OPERATION.full_name(version) for version in VERSIONS} == {name}


def test_verb_path_and_body_are_those_of_the_main_route() -> None:
    """The main route of a permission's methods is the tuned model's, not the corpus's."""
    method = methods.CREATE_PERMISSION
    assert (method.verb, method.path, method.body) == (
        "POST",
        "{parent=tunedModels/*}/permissions",
        "permission",
    )


def test_a_role_holds_the_smaller_ones() -> None:
    """An owner may do what a writer may, and a writer what a reader may."""
    assert Role.OWNER > Role.WRITER > Role.READER > Role.NONE


def test_only_streams_stream() -> None:
    """One method of the contract answers with a stream."""
    streams = [method.name for method in methods.METHODS if method.streams]
    assert streams == ["StreamGenerateContent"]


def test_the_client_needs_no_protobuf() -> None:
    """The method table, the encoder and the resources work where protobuf is not installed."""
    code = (
        "import sys; sys.modules['google.protobuf'] = None\n"
        "from gemauth.google.gemini import methods, transcoding\n"
        "call = transcoding.encode_request(methods.GET_MODEL, {'name': 'models/x'})\n"
        "assert call.path == '/v1beta/models/x'\n"
        "from gemauth.google.gemini.resources.models import Model\n"
        "Model.from_json({'name': 'models/x'})\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
