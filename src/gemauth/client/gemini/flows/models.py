"""Base models (gemini-api.md section 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.client.gemini.flows.family import Family, full
from gemauth.google.gemini import methods
from gemauth.google.gemini.resources.models import Model

if TYPE_CHECKING:
    from gemauth.client.calls.paging import Pages
    from gemauth.flow import Flow

__all__ = ["Models"]


class Models(Family):
    """Base models."""

    __slots__ = ()

    def list(self, *, page_size: int | None = None) -> Pages[Model]:
        """Yield every model, asking for page after page as needed."""
        return self._pages(methods.LIST_MODELS, {"pageSize": page_size}, "models", Model)

    def get(self, name: str) -> Flow[Model]:
        """Return one model, such as `models/gemini-2.5-flash`."""
        return self._one(methods.GET_MODEL, {"name": full("models", name)}, Model)
