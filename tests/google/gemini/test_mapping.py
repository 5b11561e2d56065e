from __future__ import annotations

import json
from typing import Any

from google.protobuf import json_format
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gemauth.google.gemini.mapping import from_dict, to_dict
from gemauth.google.gemini.schema import schema
from gemauth.google.invalid import InvalidRequestError
from tests.google.gemini.messages import json_values, messages, names

many = settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])


def fresh(message: Any) -> Any:
    """An empty message of the same type."""
    return type(message)()


def tuned_model(**fields: Any) -> Any:
    """A tuned model of the v1beta schema."""
    return schema("v1beta").message("TunedModel")(**fields)


@many
@given(message=messages())
def test_what_is_written_is_read_back(message: Any) -> None:
    """Any message goes through JSON unchanged, with enums as names and as numbers."""
    for enums_as_ints in (False, True):
        read = fresh(message)
        from_dict(json.loads(json.dumps(to_dict(message, enums_as_ints=enums_as_ints))), read)
        assert read == message


@many
@given(message=messages())
def test_protobufs_own_mapping_agrees(message: Any) -> None:
    """What we write json_format reads, and what it writes, in camelCase or snake_case, we read."""
    pool = schema("v1beta").pool
    assert json_format.ParseDict(to_dict(message), fresh(message), descriptor_pool=pool) == message
    for snake in (False, True):
        written = json_format.MessageToJson(
            message, preserving_proto_field_name=snake, descriptor_pool=pool
        )
        read = fresh(message)
        from_dict(json.loads(written), read)
        assert read == message


@many
@given(name=names, value=st.dictionaries(st.text(max_size=4), json_values))
def test_no_json_breaks_the_reader(name: str, value: dict[str, Any]) -> None:
    """Whatever comes is read or refused with a text that can be sent; nothing else is raised."""
    message = schema("v1beta").message(name)()
    known = [field.json_name for field in message.DESCRIPTOR.fields]
    aimed = dict(zip(known, value.values(), strict=False))
    for attempt in (value, aimed):
        try:
            from_dict(attempt, fresh(message))
        except InvalidRequestError as error:
            json.dumps(error.status.to_json(), ensure_ascii=False).encode()


def test_answers_are_as_google_writes_them() -> None:
    """camelCase, defaults out, int64 as text, names of enums, whole floats without a point
    (the shape of gemini-api.md section 5).
    """
    message = tuned_model(
        name="tunedModels/x",
        state="ACTIVE",
        top_p=1.0,
        temperature=0.9,
        reader_project_numbers=[12],
    )
    message.create_time.FromJsonString("2024-04-16T16:44:02.649978713Z")
    assert json.dumps(to_dict(message)) == (
        '{"name": "tunedModels/x", "state": "ACTIVE", '
        '"createTime": "2024-04-16T16:44:02.649978713Z", "temperature": 0.9, '
        '"topP": 1, "readerProjectNumbers": ["12"]}'
    )


def test_gapic_gets_numbers() -> None:
    """`enum-encoding=int`."""
    assert to_dict(tuned_model(state="FAILED"), enums_as_ints=True) == {"state": 3}


def test_an_empty_message_is_an_empty_object() -> None:
    """Deletions answer `{}`."""
    assert to_dict(schema("v1").message("google.protobuf.Empty")()) == {}


def test_presence_is_kept() -> None:
    """An optional field that was set to its default is written, an unset one is not."""
    assert to_dict(tuned_model(temperature=0.0)) == {"temperature": 0}
    assert to_dict(tuned_model()) == {}


def test_a_huge_whole_number_stays_as_it_was_sent() -> None:
    """Beyond 2**53 a float is written as a float; so is minus zero, whose sign an int lacks."""
    value = schema("v1").message("google.protobuf.Struct")()
    value.update({"a": [1e300, 3.0, -0.0]})
    assert json.dumps(to_dict(value)) == '{"a": [1e+300, 3, -0.0]}'
