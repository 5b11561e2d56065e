"""Tuned models (gemini-api.md section 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gemauth.client.gemini.flows.family import Family, full
from gemauth.google.gemini import methods
from gemauth.google.gemini.resources.files import Operation
from gemauth.google.gemini.resources.tuned_models import TunedModel, TunedModelSource, TuningTask

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gemauth.client.calls.paging import Pages
    from gemauth.flow import Flow
    from gemauth.google.gemini.resources.tuned_models import Hyperparameters

__all__ = ["TunedModels"]


class TunedModels(Family):
    """Tuned models that the caller may see."""

    __slots__ = ()

    def list(
        self,
        *,
        filter: str | None = None,  # noqa: A002  # the API's word
        page_size: int | None = None,
    ) -> Pages[TunedModel]:
        """Yield every tuned model; `filter` takes words and `owner:me`, `readers:everyone` ….

        Those shared with everyone are only listed when the filter asks for them.
        """
        fields = {"filter": filter, "pageSize": page_size}
        return self._pages(methods.LIST_TUNED_MODELS, fields, "tunedModels", TunedModel)

    def get(self, name: str) -> Flow[TunedModel]:
        """Return one tuned model, such as `tunedModels/my-model`."""
        return self._one(methods.GET_TUNED_MODEL, {"name": _full(name)}, TunedModel)

    def create(
        self,
        base: str,
        examples: Sequence[tuple[str, str]],
        *,
        name: str | None = None,
        display_name: str = "",
        description: str = "",
        hyperparameters: Hyperparameters | None = None,
        temperature: float | None = None,
        top_p: float | None = None,
        top_k: int | None = None,
    ) -> Flow[Operation]:
        """Begin to tune a model; the operation ends when it is tuned (`operations.wait`).

        Google's own pages say that no model of the Gemini API can be tuned since May 2025 (seen in
        April 2026); the method was still listed in September 2026.

        Args:
            base: the model to begin from: `models/x`, or `tunedModels/x` to go on with.
            examples: pairs of an input and the output that is wanted for it.
            name: `tunedModels/my-model`; None lets the API make one.
            display_name: at most 40 characters.
            description: for people.
            hyperparameters: how to tune; the API chooses what is unset.
            temperature: the tuned model's default.
            top_p: likewise.
            top_k: likewise.
        """
        made = TunedModel(
            display_name=display_name,
            description=description,
            base_model=None if base.startswith("tunedModels/") else full("models", base),
            tuned_model_source=TunedModelSource(tuned_model=base)
            if base.startswith("tunedModels/")
            else None,
            tuning_task=TuningTask(hyperparameters=hyperparameters),
            temperature=temperature,
            top_p=top_p,
            top_k=top_k,
        ).to_json()
        pairs = [{"textInput": text, "output": output} for text, output in examples]
        made["tuningTask"]["trainingData"] = {"examples": {"examples": pairs}}
        fields = {
            "tunedModel": made,
            "tunedModelId": name.removeprefix("tunedModels/") if name else None,
        }
        return self._one(methods.CREATE_TUNED_MODEL, fields, Operation)

    def patch(self, name: str, changes: Mapping[str, Any]) -> Flow[TunedModel]:
        """Change fields, named as in the API's JSON: `{"displayName": "Mine"}`."""
        fields = {
            "tunedModel": {**changes, "name": _full(name)},
            "updateMask": ",".join(changes),
        }
        return self._one(methods.UPDATE_TUNED_MODEL, fields, TunedModel)

    def delete(self, name: str) -> Flow[None]:
        """Delete one tuned model; only its owner may."""
        return self._nothing(methods.DELETE_TUNED_MODEL, {"name": _full(name)})

    def transfer_ownership(self, name: str, email: str) -> Flow[None]:
        """Make somebody else the owner; the caller becomes a writer."""
        fields = {"name": _full(name), "emailAddress": email}
        return self._nothing(methods.TRANSFER_OWNERSHIP, fields)


def _full(name: str) -> str:
    return full("tunedModels", name)
