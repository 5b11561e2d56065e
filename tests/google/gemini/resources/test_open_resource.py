from __future__ import annotations

import json
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, get_args, get_type_hints

import pytest

from gemauth.errors import UnreachableError
from gemauth.google.gemini import resources
from gemauth.google.gemini.resources.content import GenerateContentResponse, Part
from gemauth.google.gemini.resources.files import CachedContent, File, Operation
from gemauth.google.gemini.resources.open_resource import Int64, OpenResource
from gemauth.google.gemini.schema import schema

# The messages whose classes have names of our own.
MESSAGES = {
    "CachedContentUsage": "CachedContent.UsageMetadata",
    "FileError": "google.rpc.Status",
    "GroundingPassageId": "AttributionSourceId.GroundingPassageId",
    "InputFeedback": "GenerateAnswerResponse.InputFeedback",
    "Operation": "google.longrunning.Operation",
    "SemanticRetrieverChunk": "AttributionSourceId.SemanticRetrieverChunk",
    "PromptFeedback": "GenerateContentResponse.PromptFeedback",
    "UsageMetadata": "GenerateContentResponse.UsageMetadata",
}
CLASSES = sorted(
    {
        member
        for module in iter_modules(resources.__path__, f"{resources.__name__}.")
        for member in vars(import_module(module.name)).values()
        if isinstance(member, type) and issubclass(member, OpenResource) and member != OpenResource
    },
    key=lambda cls: cls.__name__,
)


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_the_fields_are_the_messages(cls: type[OpenResource]) -> None:
    """Names, lists, presence and types are those of the .proto file; enums are text."""
    descriptor = schema("v1beta").message(MESSAGES.get(cls.__name__, cls.__name__)).DESCRIPTOR
    hints = get_type_hints(cls)
    del hints["others"]
    scalars: dict[int, Any] = {1: float, 2: float, 3: Int64, 5: int, 8: bool, 9: str, 12: bytes}
    as_text = {"Timestamp": str, "Struct": dict[str, Any], "Any": dict[str, Any]}
    for name, hint in hints.items():
        field = descriptor.fields_by_name[name]
        if field.is_repeated:
            element, _ = get_args(hint)
        else:
            is_optional = type(None) in get_args(hint)
            assert is_optional == field.has_presence
            element = get_args(hint)[0] if is_optional else hint
        if field.message_type and field.message_type.name in as_text:
            assert element == as_text[field.message_type.name]
        elif field.message_type:
            whole = MESSAGES.get(element.__name__, element.__name__)
            assert field.message_type.full_name.endswith(whole)
        elif field.enum_type:
            assert element is str
        else:
            assert element is scalars[field.type]


ANSWER = {
    "candidates": [
        {
            "content": {
                "parts": [
                    {"text": "I think", "thought": True, "thoughtSignature": "AAE="},
                    {"text": "Hello, "},
                    {"executableCode": {"language": "PYTHON", "code": "1"}},
                    {"functionCall": {"name": "f", "args": {"x": [1, {}]}, "more": 0}},
                    {"text": "you"},
                ],
                "role": "model",
            },
            "finishReason": "REASON_OF_TOMORROW",
            "index": 0,
            "groundingMetadata": {"webSearchQueries": ["a"]},
        }
    ],
    "usageMetadata": {"promptTokenCount": 4, "promptTokensDetails": [{"modality": "TEXT"}]},
    "modelVersion": "gemini-9",
    "somethingNew": {"deep": [1, None, "x"]},
}


def test_nothing_is_lost_on_the_way() -> None:
    """What Google adds tomorrow goes back as it came: members, enum values, parts of new kinds."""
    answer = GenerateContentResponse.from_json(ANSWER)
    assert json.loads(json.dumps(answer.to_json())) == ANSWER
    assert answer.others == {"somethingNew": {"deep": [1, None, "x"]}}
    content = answer.candidates[0].content
    assert content is not None
    assert content.parts[0].thought_signature == b"\0\1"
    assert content.parts[2].others == {"executableCode": {"language": "PYTHON", "code": "1"}}


def test_the_text_of_an_answer() -> None:
    """The parts' texts, without thoughts; calls are beside it."""
    answer = GenerateContentResponse.from_json(ANSWER)
    assert answer.text == "Hello, you"
    assert [call.name for call in answer.function_calls] == ["f"]
    blocked = GenerateContentResponse.from_json({"promptFeedback": {"blockReason": "SAFETY"}})
    assert (blocked.text, blocked.function_calls) == ("", ())
    assert blocked.prompt_feedback is not None
    assert blocked.prompt_feedback.block_reason == "SAFETY"


def test_64_bits_are_text_in_json() -> None:
    """ProtoJSON; and a number when it is read."""
    file = File.from_json({"name": "files/a", "sizeBytes": "9007199254740993", "state": "ACTIVE"})
    assert file.size_bytes + 1 == 9007199254740994
    assert file.to_json() == {"name": "files/a", "sizeBytes": "9007199254740993", "state": "ACTIVE"}


def test_an_operation_and_a_cache() -> None:
    """Any types stay the JSON that they are."""
    body = {
        "name": "operations/x",
        "done": True,
        "response": {"@type": "type.googleapis.com/x", "a": 1},
    }
    assert Operation.from_json(body).to_json() == body
    failed = Operation.from_json({"error": {"code": 13, "message": "no", "details": [{}]}})
    assert failed.error is not None
    assert (failed.error.code, failed.error.others) == (13, {"details": [{}]})
    cached = {"name": "cachedContents/x", "usageMetadata": {"totalTokenCount": 5}}
    assert CachedContent.from_json(cached).to_json() == cached


def test_an_answer_that_makes_no_sense() -> None:
    """Open is not lenient: what is known is read as what it is."""
    with pytest.raises(UnreachableError, match="sizeBytes"):
        File.from_json({"sizeBytes": "many"})


def test_a_resource_is_a_value() -> None:
    """It compares by what it holds, and can be a key."""
    one, other = Part(text="a"), Part.from_json({"text": "a"})
    assert one == other
    assert len({one, other}) == 1
    assert one != Part.from_json({"text": "a", "new": 1})
