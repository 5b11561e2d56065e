"""Tuned models, and how they were tuned (gemini-api.md section 5)."""

from __future__ import annotations

from gemauth.google.gemini.resources.resource import Enumeration, Resource

__all__ = [
    "Hyperparameters",
    "TunedModel",
    "TunedModelSource",
    "TunedModelState",
    "TuningSnapshot",
    "TuningTask",
]


class TunedModelState(Enumeration):
    """Where a tuned model is in its making."""

    STATE_UNSPECIFIED = "STATE_UNSPECIFIED", 0
    CREATING = "CREATING", 1
    ACTIVE = "ACTIVE", 2
    FAILED = "FAILED", 3


class TunedModelSource(Resource, frozen=True, kw_only=True):
    """The tuned model that another one was tuned from, and its base model."""

    tuned_model: str = ""
    base_model: str = ""


class Hyperparameters(Resource, frozen=True, kw_only=True):
    """How a model was tuned."""

    epoch_count: int | None = None
    batch_size: int | None = None
    learning_rate: float | None = None
    learning_rate_multiplier: float | None = None


class TuningSnapshot(Resource, frozen=True, kw_only=True):
    """One step of a tuning; steps count from 1, epochs from 0."""

    step: int = 0
    epoch: int = 0
    mean_loss: float = 0.0
    compute_time: str | None = None


class TuningTask(Resource, frozen=True, kw_only=True):
    """A tuning; its training data goes in only and is never answered."""

    start_time: str | None = None
    complete_time: str | None = None
    snapshots: tuple[TuningSnapshot, ...] = ()
    hyperparameters: Hyperparameters | None = None


class TunedModel(Resource, frozen=True, kw_only=True):
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
