"""What a handler is given beside its request: the transaction, the time, the caller.

Made by `serve.py`; read by every handler of this room.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from gemauth.emulator.paging import Sizes
from gemauth.google.gemini.schema import ApiMessage, schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from gemauth.emulator.context import Entropy
    from gemauth.emulator.iam.admission import Caller
    from gemauth.emulator.paging import Pager
    from gemauth.emulator.storage.store import Transaction

__all__ = ["SIZES", "AdmittedCall"]

T = TypeVar("T")

# Page sizes by RPC name (gemini-api.md section 1).
SIZES: Mapping[str, Sizes] = {
    "ListModels": Sizes(50, 1000),
    "ListTunedModels": Sizes(10, 1000),
    "ListPermissions": Sizes(10, 1000),
    "ListCorpora": Sizes(10, 20),
    "ListDocuments": Sizes(10, 20),
    "ListChunks": Sizes(10, 100),
    "ListFiles": Sizes(10, 100),
    "ListCachedContents": Sizes(10, 1000),  # Google documents the maximum alone
    "ListFileSearchStores": Sizes(10, 20),  # as corpora: our inference, as the next
    "ListFileSearchDocuments": Sizes(10, 20),
    "ListOperations": Sizes(10, 1000),  # as tuned models: our inference
}


@dataclass(frozen=True, slots=True)
class AdmittedCall:
    """A call whose caller was let in; `now` is in epoch seconds, `version` `v1beta` and the like.

    One call has one moment: whatever it writes carries the same time.
    """

    tx: Transaction
    now: float
    caller: Caller
    version: str
    entropy: Entropy = field(repr=False)
    pager: Pager = field(repr=False)

    def message(self, name: str) -> ApiMessage:
        """Return an empty message of the called version: `TunedModel`, `google.protobuf.Empty`."""
        return schema(self.version).message(name)()

    def page(
        self,
        rpc: str,
        request: ApiMessage,
        items: Iterable[T],
        position: Callable[[T], str],
        *parameters: str,
    ) -> tuple[list[T], str]:
        """Return the items of the page that a List request asks for, and the next page's token.

        Args:
            rpc: the method's name, one of SIZES.
            request: has `page_size` and `page_token`.
            items: the whole list.
            position: an item's place, as for `Pager.cut`.
            parameters: all that the list depends on beside the caller, who is always part of it.

        Raises:
            InvalidRequestError: a negative size, or a token of another list.
        """
        page = self.pager.read(
            SIZES[rpc],
            request.page_size,
            request.page_token,
            rpc,
            self.version,
            self.caller.credential.subject,
            *parameters,
        )
        return self.pager.cut(page, items, position)
