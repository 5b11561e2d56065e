from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gemauth.google import scopes
from gemauth.google.gemini.contract import render_coverage
from gemauth.google.gemini.method import Role
from gemauth.google.gemini.methods import METHODS
from tools.proto import ROOT, compile_protos, generate

if TYPE_CHECKING:
    from pathlib import Path

GENERATED = ("schema.binpb", "methods.py", "coverage.md")


@pytest.fixture(scope="module")
def generated() -> dict[str, bytes]:
    """What `make proto` would write now, by file name."""
    return {path.name: content for path, content in generate().items()}


@pytest.mark.parametrize("name", GENERATED)
def test_what_is_committed_is_what_the_proto_files_say(
    name: str, generated: dict[str, bytes]
) -> None:
    """The compiled schema, the method table and the coverage page are not stale (`make proto`)."""
    (path,) = (path for path in generate() if path.name == name)
    assert path.read_bytes() == generated[name], f"{path.relative_to(ROOT)} is stale: make proto"


def test_a_broken_proto_file_stops_the_compilation(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A refusal of protoc ends the command instead of leaving an old schema in place."""
    tmp_path.joinpath("broken.proto").write_text('syntax = "proto3"; message {')
    with pytest.raises(SystemExit):
        compile_protos(tmp_path)
    assert "broken.proto" in capfd.readouterr().err


def test_the_routes_that_are_answered() -> None:
    """Models, tuned models, their permissions and operations are; nothing else claims to be."""
    answered = {
        f"{route.verb} {route.path}"
        for method in METHODS
        for route in method.routes
        if route.implemented
    }
    assert answered == {
        "GET {name=models/*}",
        "GET models",
        "GET {name=tunedModels/*}",
        "GET tunedModels",
        "PATCH {tuned_model.name=tunedModels/*}",
        "DELETE {name=tunedModels/*}",
        "POST {name=tunedModels/*}:transferOwnership",
        "POST {parent=tunedModels/*}/permissions",
        "GET {name=tunedModels/*/permissions/*}",
        "GET {parent=tunedModels/*}/permissions",
        "PATCH {permission.name=tunedModels/*/permissions/*}",
        "DELETE {name=tunedModels/*/permissions/*}",
        "GET {name=tunedModels/*/operations/*}",
        "GET {name=tunedModels/*}/operations",
        "GET {name=operations}",
    }


def test_retired_methods() -> None:
    """All of PaLM's methods are retired, and no other (section 11)."""
    assert {method.service for method in METHODS if method.retired} == PALM
    assert all(method.retired for method in METHODS if method.service in PALM)


PALM = {"DiscussService", "TextService"}
TUNING_READ = (scopes.TUNING, scopes.TUNING_READONLY)
RETRIEVER_READ = (scopes.RETRIEVER, scopes.RETRIEVER_READONLY)

ANY_WITH_KEY = (scopes.ANY_GEMINI, Role.NONE, True)
# gemini-api.md section 3 for the scopes, sections 5 to 7 for the roles, section 2 for keys
ACCESS = {
    "GetModel": (scopes.ANY_GEMINI, Role.NONE, True),
    "ListModels": (scopes.ANY_GEMINI, Role.NONE, True),
    "GetTunedModel": (TUNING_READ, Role.READER, True),
    "ListTunedModels": (TUNING_READ, Role.NONE, True),
    "CreateTunedModel": ((scopes.TUNING,), Role.NONE, True),
    "UpdateTunedModel": ((scopes.TUNING,), Role.WRITER, True),
    "DeleteTunedModel": ((scopes.TUNING,), Role.OWNER, True),
    "CreatePermission": (scopes.ANY_GEMINI, Role.WRITER, False),
    "GetPermission": (scopes.ANY_GEMINI, Role.READER, False),
    "ListPermissions": (scopes.ANY_GEMINI, Role.READER, False),
    "UpdatePermission": (scopes.ANY_GEMINI, Role.WRITER, False),
    "DeletePermission": (scopes.ANY_GEMINI, Role.WRITER, False),
    "TransferOwnership": (scopes.ANY_GEMINI, Role.OWNER, False),
    "GenerateContent": (scopes.ANY_GEMINI, Role.READER, True),
    "StreamGenerateContent": (scopes.ANY_GEMINI, Role.READER, True),
    "GenerateAnswer": (scopes.ANY_GEMINI, Role.NONE, True),
    "EmbedContent": (scopes.ANY_GEMINI, Role.NONE, True),
    "BatchEmbedContents": (scopes.ANY_GEMINI, Role.NONE, True),
    "CountTokens": (scopes.ANY_GEMINI, Role.NONE, True),
    "CreateCorpus": ((scopes.RETRIEVER,), Role.NONE, False),
    "GetCorpus": (RETRIEVER_READ, Role.READER, False),
    "UpdateCorpus": ((scopes.RETRIEVER,), Role.WRITER, False),
    "DeleteCorpus": ((scopes.RETRIEVER,), Role.OWNER, False),
    "ListCorpora": (RETRIEVER_READ, Role.NONE, False),
    "QueryCorpus": (RETRIEVER_READ, Role.READER, False),
    "CreateDocument": ((scopes.RETRIEVER,), Role.WRITER, False),
    "GetDocument": (RETRIEVER_READ, Role.READER, False),
    "UpdateDocument": ((scopes.RETRIEVER,), Role.WRITER, False),
    "DeleteDocument": ((scopes.RETRIEVER,), Role.WRITER, False),
    "ListDocuments": (RETRIEVER_READ, Role.READER, False),
    "QueryDocument": (RETRIEVER_READ, Role.READER, False),
    "CreateChunk": ((scopes.RETRIEVER,), Role.WRITER, False),
    "BatchCreateChunks": ((scopes.RETRIEVER,), Role.WRITER, False),
    "GetChunk": (RETRIEVER_READ, Role.READER, False),
    "UpdateChunk": ((scopes.RETRIEVER,), Role.WRITER, False),
    "BatchUpdateChunks": ((scopes.RETRIEVER,), Role.WRITER, False),
    "DeleteChunk": ((scopes.RETRIEVER,), Role.WRITER, False),
    "BatchDeleteChunks": ((scopes.RETRIEVER,), Role.WRITER, False),
    "ListChunks": (RETRIEVER_READ, Role.READER, False),
    **dict.fromkeys(("CreateFile", "ListFiles", "GetFile", "DeleteFile"), ANY_WITH_KEY),
    "DownloadFile": ANY_WITH_KEY,
    "ListCachedContents": ANY_WITH_KEY,
    "CreateCachedContent": ANY_WITH_KEY,
    "GetCachedContent": ANY_WITH_KEY,
    "UpdateCachedContent": ANY_WITH_KEY,
    "DeleteCachedContent": ANY_WITH_KEY,
    "GetOperation": (scopes.ANY_GEMINI, Role.READER, True),
    "ListOperations": (scopes.ANY_GEMINI, Role.READER, True),
    "CancelOperation": (scopes.ANY_GEMINI, Role.WRITER, True),
    "DeleteOperation": (scopes.ANY_GEMINI, Role.OWNER, True),
    **dict.fromkeys(("Predict", "PredictLongRunning"), ANY_WITH_KEY),
    **dict.fromkeys(("CreateFileSearchStore", "ListFileSearchStores"), ANY_WITH_KEY),
    **dict.fromkeys(("GetFileSearchStore", "DeleteFileSearchStore"), ANY_WITH_KEY),
    **dict.fromkeys(("ImportFile", "UploadToFileSearchStore"), ANY_WITH_KEY),
    **dict.fromkeys(("ListFileSearchDocuments", "GetFileSearchDocument"), ANY_WITH_KEY),
    "DeleteFileSearchDocument": ANY_WITH_KEY,
    **dict.fromkeys(("GenerateText", "EmbedText", "BatchEmbedText"), ANY_WITH_KEY),
    **dict.fromkeys(("CountTextTokens", "GenerateMessage", "CountMessageTokens"), ANY_WITH_KEY),
}


def test_every_method_asks_for_what_the_reference_says() -> None:
    """The table of scopes, roles and keys is the reference's, method by method."""
    table = {method.name: (method.scopes, method.role, method.key_allowed) for method in METHODS}
    assert table == ACCESS


def test_the_coverage_page_has_a_row_for_each_route() -> None:
    """docs/coverage.md leaves no route out and says which error is all that is answered."""
    page = render_coverage(METHODS)
    for method in METHODS:
        for route in method.routes:
            (row,) = (
                line
                for line in page.splitlines()
                if f"| {method.name} | `{route.verb} /{route.path}` |" in line
            )
            refused = "| 404 |" if method.retired else "| 501 |"
            assert row.endswith("| answered |" if route.implemented else refused)
