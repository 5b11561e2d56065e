"""What is called on the client itself, without a family's name before it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gemauth.client.calls.call import send
from gemauth.client.gemini.flows.family import Family
from gemauth.errors import UsageError
from gemauth.google.gemini.field_names import camel_case
from gemauth.google.gemini.routes import Miss, match, template
from gemauth.http import Headers, Request

if TYPE_CHECKING:
    from gemauth.client.calls.paging import Pages
    from gemauth.flow import Flow
    from gemauth.google.gemini.resources.permissions import Permission
    from gemauth.http import Response

__all__ = ["Direct"]

_ABSOLUTE = r"[A-Za-z][A-Za-z0-9+.-]*://"  # RFC 3986 sections 3.1 and 4.3


class Direct(Family):
    """What is called on the client itself."""

    __slots__ = ()

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
        from gemauth.client.gemini.flows.permissions import Permissions

        permissions = Permissions(self.credentials, self.version, self.timeout)
        return permissions.share(parent, role, user=user, group=group, everyone=everyone)

    def list_json(
        self,
        collection: str,
        *,
        filter: str | None = None,  # noqa: A002  # the API's word
        page_size: int | None = None,
    ) -> Pages[dict[str, Any]]:
        """Yield each of `models`, `tunedModels/x/permissions` … as the API's JSON, all of it."""
        found = match("GET", f"/{self.version}/{collection}")
        if isinstance(found, Miss) or not found.method.name.startswith("List"):
            raise UsageError(
                f"{collection!r} is no list of the API.",
                next_step="Name one such as models or tunedModels/my-model/permissions.",
            )
        fields = {camel_case(name): value for name, value in found.fields}
        asked = {**fields, "filter": filter, "pageSize": page_size}
        # Each list is called as its path ends, but what is under `batches` are operations, too.
        operations = found.method.name == "ListOperations"
        items = "operations" if operations else template(found.route.path).segments[-1]
        return self._json_pages(found.method, asked, items)

    def request(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        content_type: str = "application/json",
    ) -> Flow[Response]:
        """Send any request, authorized: a path such as `/v1beta/models`; returns what came."""
        root = self.credentials.endpoints.gemini
        url = path if re.match(_ABSOLUTE, path) else f"{root}/{path.removeprefix('/')}"
        headers = Headers({} if body is None else {"Content-Type": content_type})
        return send(self.credentials, Request(method.upper(), url, headers, body or b""))
