"""What a handler is given beside its request: the transaction, the time, the caller.

Made by `serve.py`; read by every handler of this room.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from gemauth.google.gemini.schema import ApiMessage, schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from gemauth.emulator.context import Entropy
    from gemauth.emulator.iam.admission import Caller
    from gemauth.emulator.storage.store import Transaction
    from gemauth.google.gemini.paging import Pager

__all__ = ["AdmittedCall"]

T = TypeVar("T")


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
            rpc: the method's name, one of `paging.SIZES`.
            request: has `page_size` and `page_token`.
            items: the whole list.
            position: an item's place as text; the list is in its order, so that an item which
                is deleted between two pages moves no other.
            parameters: all that the list depends on beside the caller, who is always part of it.

        Raises:
            InvalidRequestError: a negative size, or a token of another list.
        """
        page = self.pager.read(
            rpc,
            request.page_size,
            request.page_token,
            self.version,
            self.caller.credential.subject,
            *parameters,
        )
        left = sorted((item for item in items if position(item) > page.cursor), key=position)
        shown = left[: page.size]
        more = len(left) > len(shown)
        return shown, self.pager.write(page, position(shown[-1])) if more else ""
