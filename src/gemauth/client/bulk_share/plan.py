"""What a list of grantees means for a model: the list of its permissions is read once, in whole."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from gemauth.client.bulk_share.grantees import key
from gemauth.google.gemini.resources.permissions import PermissionRole

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gemauth.client.bulk_share.grantees import Grantee
    from gemauth.client.gemini.flows.permissions import Permissions
    from gemauth.flow import Flow
    from gemauth.google.gemini.resources.permissions import Permission

__all__ = ["Action", "Need", "make_plan"]

_PAGE = 1000


class Need(Enum):
    """What a row needs; the value is the word that people read."""

    CREATE = "create"
    UPDATE = "update"
    NOTHING = "already"
    KEEP = "kept"


@dataclass(frozen=True, slots=True)
class Action:
    """One row, what it needs, and the permission that its grantee has."""

    grantee: Grantee
    need: Need
    present: Permission | None = None


def make_plan(
    permissions: Permissions, parent: str, grantees: Iterable[Grantee], *, add_only: bool = False
) -> Flow[tuple[Action, ...]]:
    """Return the flow that compares a list with what is there; nothing is changed.

    An owner stays one: no list makes the owner's role smaller.

    Args:
        permissions: the flows, with their identity.
        parent: `tunedModels/my-model` or `corpora/my-corpus`.
        grantees: the rows.
        add_only: whether whoever has a role keeps it, whichever it is.

    Raises:
        GemauthError: the list cannot be had, as `calls.call` says.
    """
    there: dict[tuple[str, str], Permission] = {}
    pages = permissions.list(parent, page_size=_PAGE)
    token = ""
    while True:
        page = yield from pages(token)
        there.update((key(present), present) for present in page.items)
        token = page.next_token
        if not token:
            break
    return tuple(_action(grantee, there.get(grantee.key), add_only) for grantee in grantees)


def _action(grantee: Grantee, present: Permission | None, add_only: bool) -> Action:  # noqa: FBT001
    if present is None:
        return Action(grantee, Need.CREATE)
    if present.role is grantee.permission.role:
        return Action(grantee, Need.NOTHING, present)
    if add_only or present.role is PermissionRole.OWNER:
        return Action(grantee, Need.KEEP, present)
    return Action(grantee, Need.UPDATE, present)
