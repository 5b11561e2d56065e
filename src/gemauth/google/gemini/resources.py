"""The API's resources as values without protobuf: what the client gives its callers.

Source: the messages of proto/gemini (gemini-api.md sections 4 to 6); a test compares the fields
with them. `from_json` takes what any server sends (unknown fields are dropped, enums may be
numbers); `to_json` leaves out what is unset, as the API does. Times are the API's own text, such as
`2024-04-16T16:44:02.649978713Z`: a datetime would lose the nanoseconds.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import Enum, IntEnum
from types import UnionType
from typing import TYPE_CHECKING, Any, Self, get_args, get_origin, get_type_hints

from gemauth.errors import Fault, UnreachableError
from gemauth.google.gemini.field_names import camel_case

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "GranteeType",
    "Hyperparameters",
    "Model",
    "Permission",
    "PermissionRole",
    "Resource",
    "TunedModel",
    "TunedModelSource",
    "TunedModelState",
    "TuningSnapshot",
    "TuningTask",
]


class GranteeType(IntEnum):
    """Whom a permission is for; the numbers are the wire's."""

    GRANTEE_TYPE_UNSPECIFIED = 0
    USER = 1
    GROUP = 2
    EVERYONE = 3


class PermissionRole(IntEnum):
    """What a permission allows; the numbers are the wire's, the stronger role has the lower."""

    ROLE_UNSPECIFIED = 0
    OWNER = 1
    WRITER = 2
    READER = 3


class TunedModelState(IntEnum):
    """Where a tuned model is in its making; the numbers are the wire's."""

    STATE_UNSPECIFIED = 0
    CREATING = 1
    ACTIVE = 2
    FAILED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """What all resources share: JSON both ways, by their fields."""

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Return the resource that a JSON object holds.

        Raises:
            UnreachableError: a field holds what it never holds in this API.
        """
        read = {}
        for name, (json_name, kind) in _fields(cls).items():
            if value.get(json_name) is not None:
                try:
                    read[name] = _read(kind, value[json_name])
                except (AttributeError, KeyError, TypeError, ValueError):
                    raise UnreachableError(
                        f"The server answered a {cls.__name__} whose {json_name} makes no sense.",
                        fault=Fault.SERVER,
                        next_step="Check that the address is the Gemini API's.",
                        evidence=repr(value[json_name])[:200],
                    ) from None
        return cls(**read)

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object; unset fields, zeros without presence and empty lists are out."""
        written = {}
        for name, (json_name, kind) in _fields(type(self)).items():
            value = getattr(self, name)
            if value is not None and value not in _DEFAULTS.get(kind, ()):
                written[json_name] = _write(kind, value)
        return written


@dataclass(frozen=True, slots=True, kw_only=True)
class Model(Resource):
    """A base model; `name` is `models/{id}`."""

    name: str = ""
    base_model_id: str = ""
    version: str = ""
    display_name: str = ""
    description: str = ""
    input_token_limit: int = 0
    output_token_limit: int = 0
    supported_generation_methods: tuple[str, ...] = ()
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    max_temperature: float | None = None
    thinking: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TunedModelSource(Resource):
    """The tuned model that another one was tuned from, and its base model."""

    tuned_model: str = ""
    base_model: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hyperparameters(Resource):
    """How a model was tuned."""

    epoch_count: int | None = None
    batch_size: int | None = None
    learning_rate: float | None = None
    learning_rate_multiplier: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TuningSnapshot(Resource):
    """One step of a tuning; steps count from 1, epochs from 0."""

    step: int = 0
    epoch: int = 0
    mean_loss: float = 0.0
    compute_time: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TuningTask(Resource):
    """A tuning; its training data goes in only and is never answered."""

    start_time: str | None = None
    complete_time: str | None = None
    snapshots: tuple[TuningSnapshot, ...] = ()
    hyperparameters: Hyperparameters | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TunedModel(Resource):
    """A tuned model; `name` is `tunedModels/{id}`, `reader_project_numbers` may read it."""

    name: str = ""
    display_name: str = ""
    description: str = ""
    state: TunedModelState = TunedModelState.STATE_UNSPECIFIED
    create_time: str | None = None
    update_time: str | None = None
    tuned_model_source: TunedModelSource | None = None
    base_model: str | None = None
    tuning_task: TuningTask | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    reader_project_numbers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission(Resource):
    """A grant; `name` is `tunedModels/{id}/permissions/{id}`."""

    name: str = ""
    grantee_type: GranteeType | None = None
    email_address: str | None = None
    role: PermissionRole | None = None


# What proto3 leaves out of JSON for a field without presence, by the field's type.
_DEFAULTS: dict[Any, tuple[Any, ...]] = {
    str: ("",),
    int: (0,),
    float: (0.0,),
    bool: (False,),
    TunedModelState: (0,),
    tuple[str, ...]: ((),),
    tuple[int, ...]: ((),),
    tuple[TuningSnapshot, ...]: ((),),
}


_FIELDS: dict[type[Resource], dict[str, tuple[str, Any]]] = {}


def _fields(cls: type[Resource]) -> dict[str, tuple[str, Any]]:
    """Return each field's JSON name and type, worked out once for each class."""
    found = _FIELDS.get(cls)
    if found is None:
        hints = get_type_hints(cls)
        found = {field.name: (camel_case(field.name), hints[field.name]) for field in fields(cls)}
        _FIELDS[cls] = found
    return found


def _read(kind: Any, value: Any) -> Any:  # noqa: ANN401  # a type and a JSON value
    if get_origin(kind) is UnionType:
        return _read(get_args(kind)[0], value)
    if get_origin(kind) is tuple:
        return tuple(_read(get_args(kind)[0], item) for item in value)
    if issubclass(kind, Resource):
        return kind.from_json(value)
    if issubclass(kind, Enum):
        return kind[value] if isinstance(value, str) else kind(value)
    if kind is str and not isinstance(value, str):
        raise TypeError
    return kind(value)


def _write(kind: Any, value: Any) -> Any:  # noqa: ANN401  # a type and a field's value
    if isinstance(value, tuple):
        # the only ints in lists are 64-bit, which JSON carries as text
        return [str(item) if isinstance(item, int) else _write(kind, item) for item in value]
    if isinstance(value, Resource):
        return value.to_json()
    return value.name if isinstance(value, Enum) else value
