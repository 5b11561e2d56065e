from __future__ import annotations

from typing import Any

import pytest

from gemauth.google.gemini.mapping import from_dict, to_dict
from gemauth.google.gemini.reader import MessageReader, find_field
from gemauth.google.gemini.schema import schema
from gemauth.google.invalid import InvalidRequestError, Violation

V = "type.googleapis.com/google.ai.generativelanguage.v1beta"
UNKNOWN = "Invalid JSON payload received. Unknown name"


def message(name: str) -> Any:
    """An empty message of the v1beta schema."""
    return schema("v1beta").message(name)()


def refused(name: str, value: Any) -> list[tuple[str | None, str]]:
    """What is wrong with a JSON value as a message."""
    with pytest.raises(InvalidRequestError) as error:
        from_dict(value, message(name))
    assert error.value.message == "\n".join(v.description for v in error.value.violations)
    return [(v.field, v.description) for v in error.value.violations]


# Message, JSON, field of the violation, text. Sources: gemini-api.md section 10, row 20, for
# unknown names; the docstring of reader.py says which of the other texts were seen of Google.
TABLE = [
    ("Permission", {"x": 1}, None, f'{UNKNOWN} "x": Cannot find field.'),
    (
        "GenerateContentRequest",
        {"contents": [{"x": 1}]},
        "contents[0]",
        f"{UNKNOWN} \"x\" at 'contents[0]': Cannot find field.",
    ),
    (
        "GenerateContentRequest",
        {"generationConfig": {"speechConfig": {"a b": None}}},
        "generation_config.speech_config",
        f"{UNKNOWN} \"a b\" at 'generation_config.speech_config': Cannot find field.",
    ),
    (
        "Schema",
        {"properties": {"a": {"type": "STRING"}, "b": {"const": 1}}},
        "properties[1].value",
        f"{UNKNOWN} \"const\" at 'properties[1].value': Cannot find field.",
    ),
    (
        "Schema",
        {"items": {"type": ["STRING", "NULL"]}},
        "items",
        f"{UNKNOWN} \"type\" at 'items': Proto field is not repeating, cannot start list.",
    ),
    ("Schema", [1], None, f'{UNKNOWN} "": Root element must be a message.'),
    ("Schema", "x", None, f'{UNKNOWN} "": Root element must be a message.'),
    ("Schema", {"enum": ["a", 1]}, "enum[1]", "Invalid value at 'enum[1]' (TYPE_STRING), 1"),
    ("Schema", {"enum": [None]}, "enum[0]", "Invalid value at 'enum[0]' (TYPE_STRING), null"),
    ("Schema", {"nullable": 1}, "nullable", "Invalid value at 'nullable' (TYPE_BOOL), 1"),
    ("Schema", {"minItems": 1.5}, "min_items", "Invalid value at 'min_items' (TYPE_INT64), 1.5"),
    ("Schema", {"minimum": "x"}, "minimum", "Invalid value at 'minimum' (TYPE_DOUBLE), \"x\""),
    (
        "Schema",
        {"title": {"a": 1}},
        "title",
        "Invalid value at 'title' (TYPE_STRING), Starting an object on a scalar field",
    ),
    (
        "Schema",
        {"enum": [["a"]]},
        "enum[0]",
        "Invalid value at 'enum[0]' (TYPE_STRING), Starting a list on a scalar field",
    ),
    ("Schema", {"items": 1}, "items", f"Invalid value at 'items' ({V}.Schema), 1"),
    ("Schema", {"properties": [1]}, "properties", "Invalid value at 'properties' (map), Starting"),
    (
        "Schema",
        {"properties": {"a": None}},
        "properties[0].value",
        f"Invalid value at 'properties[0].value' ({V}.Schema), null",
    ),
    ("Permission", {"role": "BOSS"}, "role", f"Invalid value at 'role' ({V}.Permission.Role), \"B"),
    ("Permission", {"role": 9}, "role", f"Invalid value at 'role' ({V}.Permission.Role), 9"),
    ("Permission", {"role": True}, "role", f"Invalid value at 'role' ({V}.Permission.Role), true"),
    (
        "Blob",
        {"data": "a b c"},
        "data",
        "Invalid value at 'data' (TYPE_BYTES), Base64 decoding failed for \"a b c\"",
    ),
    (
        "Part",
        {"text": "a", "inlineData": {}},
        None,
        "Invalid value (oneof), oneof field 'data' is already set. Cannot set 'inlineData'",
    ),
    (
        "Content",
        {"parts": [{"text": "a", "file_data": {}}]},
        "parts[0]",
        "Invalid value at 'parts[0]' (oneof), oneof field 'data' is already set. Cannot set 'file_",
    ),
    (
        "Corpus",
        {"createTime": "yesterday"},
        "create_time",
        (
            "Invalid value at 'create_time' (type.googleapis.com/google.protobuf.Timestamp), "
            "Field 'createTime', Invalid time format: yesterday"
        ),
    ),
    (
        "VideoMetadata",
        {"startOffset": "1"},
        "start_offset",
        (
            "Invalid value at 'start_offset' (type.googleapis.com/google.protobuf.Duration), "
            "Field 'startOffset', Illegal duration format; duration must end with 's'"
        ),
    ),
    (
        "Corpus",
        {"createTime": 1},
        "create_time",
        "Invalid value at 'create_time' (type.googleapis.com/google.protobuf.Timestamp), 1",
    ),
    (
        "FunctionCall",
        {"args": "x"},
        "args",
        "Invalid value at 'args' (type.googleapis.com/google.protobuf.Struct), \"x\"",
    ),
    (
        "Permission",
        {"emailAddress": {}},
        "email_address",
        "Invalid value at 'email_address' (TYPE_STRING), Starting an object on a scalar field",
    ),
]


@pytest.mark.parametrize(("name", "value", "field", "text"), TABLE)
def test_one_refusal(name: str, value: Any, field: str | None, text: str) -> None:
    """The path is in snake_case; the text is Google's, or made after its pattern."""
    ((found_field, found_text),) = refused(name, value)
    assert found_field == field
    assert found_text.startswith(text)


def test_every_mistake_is_named_in_order() -> None:
    """One refusal tells all: unknown names and wrong values, in the order of the body."""
    value = {"a": 1, "role": "x", "name": 2, "b": {}}
    assert [field for field, _ in refused("Permission", value)] == [None, "role", "name", None]


def test_a_long_value_is_cut() -> None:
    """A refused value of any size makes a short text."""
    ((_, text),) = refused("Permission", {"role": "x" * 10_000})
    assert len(text) < 400


def test_deep_nesting_ends_in_a_refusal() -> None:
    """A schema inside a schema a hundred times over is refused, not an endless recursion."""
    value: dict[str, Any] = {}
    for _ in range(150):
        value = {"items": value}
    ((field, text),) = refused("Schema", value)
    assert field is not None
    assert field.startswith("items.items")
    assert text.startswith("Message too deep. Max recursion depth reached")


READ = [
    ("Permission", {"grantee_type": "GROUP", "emailAddress": "a@b"}, {"granteeType": "GROUP"}),
    ("Permission", {"role": 2}, {"role": "WRITER"}),
    ("Permission", {"role": "2"}, {"role": "WRITER"}),
    ("Permission", {"role": 2.0, "name": None}, {"role": "WRITER"}),
    ("TunedModel", {"readerProjectNumbers": ["1", 2]}, {"readerProjectNumbers": ["1", "2"]}),
    ("TunedModel", {"readerProjectNumbers": 7}, {"readerProjectNumbers": ["7"]}),
    ("TunedModel", {"topK": "40", "topP": "0.5"}, {"topK": 40, "topP": 0.5}),
    ("Schema", {"minimum": "-Infinity", "nullable": "true"}, {"minimum": "-Infinity"}),
    ("Content", {"parts": {"text": "hi"}}, {"parts": [{"text": "hi"}]}),
    ("Blob", {"data": "-_8="}, {"data": "+/8="}),
    ("Blob", {"data": "+/8"}, {"data": "+/8="}),
    ("FunctionCall", {"args": {"a": [1, None]}}, {"args": {"a": [1, None]}}),
    ("Schema", {"default": None, "example": [1]}, {"default": None, "example": [1]}),
    ("VideoMetadata", {"startOffset": "3.500s"}, {"startOffset": "3.500s"}),
    ("Corpus", {"createTime": "2024-01-01T01:00:00+01:00"}, {"createTime": "2024-01-01T00:00:00Z"}),
    (
        "UpdatePermissionRequest",
        {"updateMask": "role, emailAddress,permission.grantee_type,"},
        {"updateMask": "role,emailAddress,permission.granteeType"},
    ),
]


@pytest.mark.parametrize(("name", "value", "written"), READ)
def test_what_may_be_written_in_several_ways(
    name: str, value: dict[str, Any], written: dict[str, Any]
) -> None:
    """Names in both cases, numbers as text, one value for a list, both alphabets of base64."""
    read = message(name)
    from_dict(value, read)
    assert to_dict(read).items() >= written.items()


def test_null_is_no_value() -> None:
    """`null` leaves a field unset, and a oneof free."""
    read = message("Part")
    from_dict({"text": None, "inlineData": {}}, read)
    assert read.WhichOneof("data") == "inline_data"


def test_a_message_field_that_is_named_is_present() -> None:
    """`{}` for a message sets it: a request with an empty resource differs from one without."""
    read = message("CreatePermissionRequest")
    from_dict({"permission": {}}, read)
    assert read.HasField("permission")


PARAMETERS = [
    ("ListModelsRequest", [("pageSize", "5"), ("page_token", "x")], {"pageSize": 5}),
    ("DeleteCorpusRequest", [("force", "True")], {"force": True}),
    ("DeleteCorpusRequest", [("force", "false")], {}),
    ("UpdateCorpusRequest", [("updateMask", "displayName,corpus.update_time")], None),
    (
        "CreatePermissionRequest",
        [("permission.role", "READER")],
        {"permission": {"role": "READER"}},
    ),
    ("CreatePermissionRequest", [("permission.granteeType", "1")], None),
    (
        "CreateTunedModelRequest",
        [("tunedModel.readerProjectNumbers", "1"), ("tunedModel.reader_project_numbers", "2")],
        {"tunedModel": {"readerProjectNumbers": ["1", "2"]}},
    ),
    ("ListModelsRequest", [("pageSize", "1"), ("pageSize", "2")], {"pageSize": 2}),
]


@pytest.mark.parametrize(("name", "pairs", "written"), PARAMETERS)
def test_query_parameters_fill_fields(
    name: str, pairs: list[tuple[str, str]], written: dict[str, Any] | None
) -> None:
    """Both cases, nested paths, repeated fields, masks, and Python's way to write a bool."""
    read = message(name)
    reader = MessageReader(schema("v1beta").pool)
    for parameter, text in pairs:
        reader.read_parameter(parameter, text, read)
    reader.finish()
    if written is None:
        assert read != message(name)
    else:
        assert to_dict(read).items() >= written.items()


UNBINDABLE = "Cannot bind query parameter."
NOT_FOUND = "could not be found in request message."
BAD_PARAMETERS = [
    ("x", "1", None, f"{UNKNOWN} \"x\": {UNBINDABLE} Field 'x' {NOT_FOUND}"),
    ("x.y", "1", None, f"{UNKNOWN} \"x.y\": {UNBINDABLE} Field 'x.y' {NOT_FOUND}"),
    ("parent.y", "1", None, f"{UNKNOWN} \"parent.y\": {UNBINDABLE} Field 'parent.y' {NOT_FOUND}"),
    (
        "permission.y",
        "1",
        None,
        f"{UNKNOWN} \"permission.y\": {UNBINDABLE} Field 'permission.y' {NOT_FOUND}",
    ),
    (
        "permission",
        "1",
        None,
        (
            f"{UNKNOWN} \"permission\": {UNBINDABLE} 'permission' is a message type. "
            "Parameters can only be bound to primitive types."
        ),
    ),
    (
        "permission.role",
        "BOSS",
        "permission.role",
        f"Invalid value at 'permission.role' ({V}.Permission.Role), \"BOSS\"",
    ),
]


@pytest.mark.parametrize(("name", "text", "field", "description"), BAD_PARAMETERS)
def test_a_query_parameter_that_does_not_fit(
    name: str, text: str, field: str | None, description: str
) -> None:
    """Unknown parameters, messages and wrong values are refused by name."""
    reader = MessageReader(schema("v1beta").pool)
    reader.read_parameter(name, text, message("CreatePermissionRequest"))
    with pytest.raises(InvalidRequestError) as error:
        reader.finish()
    assert error.value.violations == (Violation(field, description),)


def test_fields_are_found_by_both_names() -> None:
    """The JSON name and the proto name, and no third."""
    descriptor = message("TunedModel").DESCRIPTOR
    assert find_field(descriptor, "topP") is find_field(descriptor, "top_p") is not None
    assert find_field(descriptor, "TopP") is None
