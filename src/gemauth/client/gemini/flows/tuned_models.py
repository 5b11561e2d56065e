"""Tuned models (gemini-api.md section 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gemauth.client.gemini.flows.family import Family, full
from gemauth.google.gemini import methods
from gemauth.google.gemini.resources.tuned_models import TunedModel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gemauth.client.paging import Pages
    from gemauth.flow import Flow

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
