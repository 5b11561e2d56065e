"""Long-running operations: look, wait, cancel, delete (gemini-api.md section 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.client.gemini.flows.family import Family
from gemauth.client.gemini.flows.waiting import poll
from gemauth.google.gemini import methods
from gemauth.google.gemini.resources.files import Operation

if TYPE_CHECKING:
    from gemauth.client.calls.paging import Pages
    from gemauth.flow import Flow

__all__ = ["Operations"]


class Operations(Family):
    """Work that goes on at Google's after the call: tunings, imports, batches."""

    __slots__ = ()

    def list(self, parent: str = "operations", *, page_size: int | None = None) -> Pages[Operation]:
        """Yield the operations of `tunedModels/my-model`, `models/x`, or `batches`."""
        fields = {"name": parent, "pageSize": page_size}
        return self._pages(methods.LIST_OPERATIONS, fields, "operations", Operation)

    def get(self, name: str) -> Flow[Operation]:
        """Return one operation, such as `tunedModels/my-model/operations/abc`."""
        return self._one(methods.GET_OPERATION, {"name": name}, Operation)

    def wait(self, name: str, *, timeout: float = 600.0) -> Flow[Operation]:
        """Return an operation when it is done; it may have failed: see its `error`.

        Args:
            name: such as `tunedModels/my-model/operations/abc`.
            timeout: seconds to wait at most. It is looked at after 1 second, then after longer and
                longer, every 20 in the end.

        Raises NotDoneError where the time is over.
        """
        return poll(lambda: self.get(name), lambda operation: operation.done, name, timeout)

    def cancel(self, name: str) -> Flow[None]:
        """Ask for an operation to be ended; in v1 those of tuned models, elsewhere batches."""
        return self._nothing(methods.CANCEL_OPERATION, {"name": name})

    def delete(self, name: str) -> Flow[None]:
        """Forget an operation that is over; it is not cancelled by it."""
        return self._nothing(methods.DELETE_OPERATION, {"name": name})
