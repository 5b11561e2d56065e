"""Who may use a tuned model or a corpus (gemini-api.md section 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.client.gemini.flows.family import Family, full
from gemauth.errors import UsageError
from gemauth.google.gemini import methods
from gemauth.google.gemini.resources.permissions import GranteeType, Permission, PermissionRole
from gemauth.google.status import Code, StatusError

if TYPE_CHECKING:
    from gemauth.client.calls.paging import Pages
    from gemauth.flow import Flow

__all__ = ["Permissions", "grantee", "same_grantee"]


class Permissions(Family):
    """Who may use a tuned model (`tunedModels/my-model`, `my-model`) or a corpus (`corpora/x`)."""

    __slots__ = ()

    def list(self, parent: str, *, page_size: int | None = None) -> Pages[Permission]:
        """Yield every permission of `tunedModels/my-model` or `corpora/my-corpus`."""
        fields = {"parent": _parent(parent), "pageSize": page_size}
        return self._pages(methods.LIST_PERMISSIONS, fields, "permissions", Permission)

    def get(self, name: str) -> Flow[Permission]:
        """Return one permission, such as `tunedModels/my-model/permissions/123`."""
        return self._one(methods.GET_PERMISSION, {"name": name}, Permission)

    def create(
        self,
        parent: str,
        role: str,
        *,
        user: str | None = None,
        group: str | None = None,
        everyone: bool = False,
    ) -> Flow[Permission]:
        """Grant `reader`, `writer` or `owner` to one user, one group or everyone.

        Refused where the grantee has a permission already: `share` changes that one's role.
        """
        return self._create(parent, grantee(role, user=user, group=group, everyone=everyone))

    def update(self, name: str, role: str) -> Flow[Permission]:
        """Change a permission's role."""
        changed = Permission(name=name, role=_role(role))
        fields = {"permission": changed.to_json(), "updateMask": "role"}
        return self._one(methods.UPDATE_PERMISSION, fields, Permission)

    def delete(self, name: str) -> Flow[None]:
        """Take a permission away."""
        return self._nothing(methods.DELETE_PERMISSION, {"name": name})

    def share(
        self,
        parent: str,
        role: str = "reader",
        *,
        user: str | None = None,
        group: str | None = None,
        everyone: bool = False,
    ) -> Flow[Permission]:
        """Grant a role on a tuned model or a corpus, or change the one that the grantee has."""
        return self._share(parent, grantee(role, user=user, group=group, everyone=everyone))

    def _share(self, parent: str, permission: Permission) -> Flow[Permission]:
        try:
            return (yield from self._create(parent, permission))
        except StatusError as error:
            if error.status.code is not Code.ALREADY_EXISTS:
                raise
            token, refused = "", error
        while True:
            page = yield from self.list(parent, page_size=1000)(token)
            for present in page.items:
                if same_grantee(present, permission) and permission.role is not None:
                    return (yield from self.update(present.name, permission.role.name))
            token = page.next_token
            if not token:
                raise refused

    def _create(self, parent: str, permission: Permission) -> Flow[Permission]:
        fields = {"parent": _parent(parent), "permission": permission.to_json()}
        return self._one(methods.CREATE_PERMISSION, fields, Permission)


def grantee(
    role: str, *, user: str | None = None, group: str | None = None, everyone: bool = False
) -> Permission:
    """Return the permission for exactly one of a person, a group and everyone.

    Raises:
        UsageError: none or several of them, or the role is none.
    """
    if sum((user is not None, group is not None, everyone)) != 1:
        raise UsageError("A permission is for one of: a user, a group, everyone.")
    if everyone:
        return Permission(grantee_type=GranteeType.EVERYONE, role=_role(role))
    kind = GranteeType.GROUP if user is None else GranteeType.USER
    return Permission(grantee_type=kind, email_address=user or group, role=_role(role))


def same_grantee(one: Permission, other: Permission) -> bool:
    """Whether two permissions are for the same person, group or everyone, case aside."""

    def key(permission: Permission) -> tuple[GranteeType | None, str]:
        return permission.grantee_type, (permission.email_address or "").lower()

    return key(one) == key(other)


def _role(role: str) -> PermissionRole:
    name = role.upper()
    if name not in {"READER", "WRITER", "OWNER"}:
        raise UsageError(f"{role!r} is no role: reader, writer or owner.")
    return PermissionRole[name]


def _parent(name: str) -> str:
    return full("tunedModels", name)
