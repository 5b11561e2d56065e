"""What one can do with the Gemini API's models and permissions: each operation is one flow.

gemini-api.md sections 4 to 6. `client/gemini.py` runs them synchronously, `client/gemini_async.py`
on an event loop; neither knows more than the names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from gemauth.client.calls import call, send
from gemauth.errors import UsageError
from gemauth.google.gemini import methods
from gemauth.google.gemini.resources import (
    GranteeType,
    Model,
    Permission,
    PermissionRole,
    Resource,
    TunedModel,
)
from gemauth.google.status import Code, StatusError
from gemauth.http import JSON, Headers, Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gemauth.client.credentials import Credentials
    from gemauth.flow import Flow
    from gemauth.google.gemini.method import Method

__all__ = ["Operations", "Page", "grantee"]

R = TypeVar("R", bound=Resource)
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")  # RFC 3986 sections 3.1 and 4.3


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    """A part of a list, and the token of the next one, empty on the last."""

    items: tuple[R, ...]
    next_token: str


# Asks for one page by its token; empty for the first.
if TYPE_CHECKING:
    Pages = Callable[[str], Flow[Page[R]]]


@dataclass(frozen=True, slots=True)
class Operations:
    """The operations of one identity in one version of the API.

    Every flow may raise what `calls.call` raises: UsageError, StatusError, CredentialError,
    UnreachableError. Names may leave out the collection where there is only one: `my-model`.
    """

    credentials: Credentials
    version: str = "v1beta"

    def models(self, page_size: int | None = None) -> Pages[Model]:
        """List the base models."""
        return self._pages(methods.LIST_MODELS, {"pageSize": page_size}, "models", Model)

    def model(self, name: str) -> Flow[Model]:
        """Return one base model."""
        return self._one(methods.GET_MODEL, {"name": _full("models", name)}, Model)

    def tuned_models(
        self, filter_: str | None = None, page_size: int | None = None
    ) -> Pages[TunedModel]:
        """List tuned models; the filter takes words and `owner:me`, `readers:everyone` ….

        Those shared with everyone are only listed when the filter asks for them.
        """
        fields = {"filter": filter_, "pageSize": page_size}
        return self._pages(methods.LIST_TUNED_MODELS, fields, "tunedModels", TunedModel)

    def tuned_model(self, name: str) -> Flow[TunedModel]:
        """Return one tuned model."""
        return self._one(methods.GET_TUNED_MODEL, {"name": _full("tunedModels", name)}, TunedModel)

    def patch_tuned_model(self, name: str, changes: Mapping[str, Any]) -> Flow[TunedModel]:
        """Change fields of a tuned model; `changes` has the API's names, such as `displayName`."""
        fields = {
            "tunedModel": {**changes, "name": _full("tunedModels", name)},
            "updateMask": ",".join(changes),
        }
        return self._one(methods.UPDATE_TUNED_MODEL, fields, TunedModel)

    def delete_tuned_model(self, name: str) -> Flow[None]:
        """Delete a tuned model."""
        return self._nothing(methods.DELETE_TUNED_MODEL, {"name": _full("tunedModels", name)})

    def transfer_ownership(self, name: str, email: str) -> Flow[None]:
        """Make somebody else a tuned model's owner; the old owner becomes a writer."""
        fields = {"name": _full("tunedModels", name), "emailAddress": email}
        return self._nothing(methods.TRANSFER_OWNERSHIP, fields)

    def permissions(self, parent: str, page_size: int | None = None) -> Pages[Permission]:
        """List who may use a tuned model."""
        fields = {"parent": _full("tunedModels", parent), "pageSize": page_size}
        return self._pages(methods.LIST_PERMISSIONS, fields, "permissions", Permission)

    def permission(self, name: str) -> Flow[Permission]:
        """Return one permission."""
        return self._one(methods.GET_PERMISSION, {"name": name}, Permission)

    def create_permission(self, parent: str, permission: Permission) -> Flow[Permission]:
        """Let somebody use a tuned model; refused where they have a permission already."""
        fields = {"parent": _full("tunedModels", parent), "permission": permission.to_json()}
        return self._one(methods.CREATE_PERMISSION, fields, Permission)

    def update_permission(self, name: str, role: str) -> Flow[Permission]:
        """Change a permission's role."""
        changed = Permission(name=name, role=_role(role))
        fields = {"permission": changed.to_json(), "updateMask": "role"}
        return self._one(methods.UPDATE_PERMISSION, fields, Permission)

    def delete_permission(self, name: str) -> Flow[None]:
        """Take a permission away."""
        return self._nothing(methods.DELETE_PERMISSION, {"name": name})

    def share(self, parent: str, permission: Permission) -> Flow[Permission]:
        """Create a permission, or change the role of the one that the grantee has."""
        try:
            return (yield from self.create_permission(parent, permission))
        except StatusError as error:
            if error.status.code is not Code.ALREADY_EXISTS:
                raise
            token, refused = "", error
        while True:
            page = yield from self.permissions(parent, 1000)(token)
            for present in page.items:
                if _same_grantee(present, permission) and permission.role is not None:
                    return (yield from self.update_permission(present.name, permission.role.name))
            token = page.next_token
            if not token:
                raise refused

    def request(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        content_type: str = JSON,
    ) -> Flow[Response]:
        """Send any request to the API, authorized; the answer is returned as it came."""
        root = self.credentials.endpoints.gemini
        url = path if _ABSOLUTE.match(path) else f"{root}/{path.removeprefix('/')}"
        headers = Headers({} if body is None else {"Content-Type": content_type})
        return send(self.credentials, Request(method.upper(), url, headers, body or b""))

    def _one(self, method: Method, fields: Mapping[str, Any], kind: type[R]) -> Flow[R]:
        return kind.from_json((yield from call(self.credentials, method, fields, self.version)))

    def _nothing(self, method: Method, fields: Mapping[str, Any]) -> Flow[None]:
        yield from call(self.credentials, method, fields, self.version)

    def _pages(
        self, method: Method, fields: Mapping[str, Any], items: str, kind: type[R]
    ) -> Pages[R]:
        def page(token: str) -> Flow[Page[R]]:
            asked = {**fields, "pageToken": token or None}
            body = yield from call(self.credentials, method, asked, self.version)
            read = tuple(kind.from_json(item) for item in body.get(items, ()))
            return Page(read, str(body.get("nextPageToken", "")))

        return page


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


def _role(role: str) -> PermissionRole:
    name = role.upper()
    if name not in {"READER", "WRITER", "OWNER"}:
        raise UsageError(f"{role!r} is no role: reader, writer or owner.")
    return PermissionRole[name]


def _same_grantee(one: Permission, other: Permission) -> bool:
    def key(permission: Permission) -> tuple[GranteeType | None, str]:
        return permission.grantee_type, (permission.email_address or "").lower()

    return key(one) == key(other)


def _full(collection: str, name: str) -> str:
    return name if "/" in name else f"{collection}/{name}"
