from __future__ import annotations

import pytest

from gemauth.google.gemini.field_names import camel_case, snake_case
from gemauth.google.gemini.schema import schema


@pytest.mark.parametrize("message", ["TunedModel", "TuningTask", "Permission", "Model"])
def test_names_are_protobufs_own(message: str) -> None:
    """Every field's JSON name is the one that protobuf's compiler made, and leads back."""
    for field in schema("v1beta").message(message).DESCRIPTOR.fields:
        assert camel_case(field.name) == field.json_name
        assert snake_case(field.json_name) == field.name


def test_paths() -> None:
    """A path of an update mask is converted name by name; snake_case stays as it is."""
    assert snake_case("tuningTask.startTime") == "tuning_task.start_time"
    assert snake_case("display_name") == "display_name"
