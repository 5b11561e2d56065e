"""The control API's client: what a person does in the Cloud console, at an emulator.

The methods are `gemauth.emulator.control.methods`, documented in docs/control-api.md; this is the
only client module with no counterpart at Google. Read by `gemauth emulator …`, by
`gemauth.testing` and by programs that set up an emulator for themselves.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote

from gemauth.client.calls.refusal import ResourceNotFoundError
from gemauth.client.transport import Transport
from gemauth.errors import Fault, UnreachableError
from gemauth.google.endpoints import emulator
from gemauth.google.status import Code, Status, StatusError
from gemauth.http import JSON, Headers, Request

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Answer", "Control"]

Answer = dict[str, Any]
"""A JSON object as docs/control-api.md describes it."""


class Control:
    """An emulator, to be set up.

    Every method raises StatusError for what the emulator refuses (ResourceNotFoundError, one of
    them, for a name that nothing has) and UnreachableError where no emulator answers.

    Args:
        address: such as `http://127.0.0.1:8085`.
        transport: carries the requests; one of its own by default.

    Raises:
        UsageError: the address is not http on loopback.
    """

    def __init__(self, address: str, *, transport: Transport | None = None) -> None:
        endpoints = emulator(address)
        assert endpoints.control is not None
        self._root = endpoints.control
        self._transport = transport or Transport()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections."""
        self._transport.close()

    def call(self, method: str, *path: str, body: Mapping[str, Any] | None = None) -> Answer:
        """Call one method: `call("GET", "projects", "my-project")`.

        Args:
            method: HTTP method.
            path: parts of the path below `/_emulator/v1`; each is percent-encoded.
            body: members; those that are None are left out.
        """
        url = "/".join((self._root, *(quote(part, safe="") for part in path)))
        given = {name: value for name, value in (body or {}).items() if value is not None}
        request = Request(method, url, Headers({"Accept": JSON}))
        if method != "GET":
            raw = json.dumps(given).encode()
            request = Request(method, url, Headers({"Accept": JSON, "Content-Type": JSON}), raw)
        try:
            response = self._transport.send(request)
        except UnreachableError as error:
            raise UnreachableError(
                f"No emulator answers at {self._root.removesuffix('/_emulator/v1')}.",
                next_step="Start one: gemauth emulator start",
                evidence=error.evidence,
            ) from error
        if response.ok:
            return response.json()
        status = Status.from_json(response.json())
        if status is None:
            raise UnreachableError(
                f"{self._root} answered HTTP {response.status}, not as an emulator does.",
                fault=Fault.SERVER,
                next_step="Check that the address is the one that the emulator printed.",
            )
        kind = ResourceNotFoundError if status.code is Code.NOT_FOUND else StatusError
        raise kind(status)

    def status(self) -> Answer:
        """Return what the emulator is and holds."""
        return self.call("GET", "status")

    def ca(self) -> Answer:
        """Return the `certificate` (PEM) of the emulator's authority, and what identifies it."""
        return self.call("GET", "ca")

    def requests(self, *, after: int = 0) -> list[Answer]:
        """Return the last requests, oldest first, whose `number` is greater."""
        return [
            request
            for request in _list(self.call("GET", "requests"), "requests")
            if request["number"] > after
        ]

    def seed(self, document: Mapping[str, Any]) -> Answer:
        """Make everything that a document declares, or nothing."""
        return self.call("POST", "seed", body=document)

    # --- People -------------------------------------------------------------------------------

    def create_account(
        self, email: str, *, name: str | None = None, workspace: bool = False
    ) -> Answer:
        """Create a person; `workspace` says that the address' domain is a Workspace's."""
        body = {"email": email, "name": name, "workspace": workspace}
        return self.call("POST", "accounts", body=body)

    def accounts(self) -> list[Answer]:
        """Return the people."""
        return _list(self.call("GET", "accounts"), "accounts")

    def delete_account(self, email: str) -> Answer:
        """Delete a person."""
        return self.call("DELETE", "accounts", email)

    def create_group(
        self, email: str, *, name: str | None = None, members: Iterable[str] = ()
    ) -> Answer:
        """Create a group."""
        body = {"email": email, "name": name, "members": list(members)}
        return self.call("POST", "groups", body=body)

    def groups(self) -> list[Answer]:
        """Return the groups with their members."""
        return _list(self.call("GET", "groups"), "groups")

    def delete_group(self, email: str) -> Answer:
        """Delete a group."""
        return self.call("DELETE", "groups", email)

    def add_member(self, group: str, member: str) -> Answer:
        """Put an address into a group."""
        return self.call("PUT", "groups", group, "members", member)

    def remove_member(self, group: str, member: str) -> Answer:
        """Take an address from a group."""
        return self.call("DELETE", "groups", group, "members", member)

    # --- Projects -----------------------------------------------------------------------------

    def create_project(
        self,
        project: str,
        *,
        name: str | None = None,
        owner: str | None = None,
        organization: str | None = None,
    ) -> Answer:
        """Create a project; its owner gets roles/owner, its organization is a Workspace domain."""
        body = {"projectId": project, "name": name, "owner": owner, "organization": organization}
        return self.call("POST", "projects", body=body)

    def projects(self) -> list[Answer]:
        """Return the projects."""
        return _list(self.call("GET", "projects"), "projects")

    def project(self, project: str) -> Answer:
        """Return a project, by id or number."""
        return self.call("GET", "projects", project)

    def delete_project(self, project: str) -> Answer:
        """Delete a project."""
        return self.call("DELETE", "projects", project)

    def enable_service(self, project: str, service: str) -> Answer:
        """Switch an API on; `generativelanguage` is short for …googleapis.com."""
        return self.call("PUT", "projects", project, "services", service)

    def disable_service(self, project: str, service: str) -> Answer:
        """Switch an API off."""
        return self.call("DELETE", "projects", project, "services", service)

    def services(self, project: str) -> list[Answer]:
        """Return the APIs that are on."""
        return _list(self.call("GET", "projects", project, "services"), "services")

    def add_binding(self, project: str, role: str, member: str) -> Answer:
        """Give a role to a member such as `user:ada@example.com`; return the policy."""
        body = {"role": role, "member": member}
        return self.call("POST", "projects", project, "iam", "add", body=body)

    def remove_binding(self, project: str, role: str, member: str) -> Answer:
        """Take a role from a member; return the policy."""
        body = {"role": role, "member": member}
        return self.call("POST", "projects", project, "iam", "remove", body=body)

    def bindings(self, project: str) -> list[Answer]:
        """Return who holds which role."""
        return _list(self.call("GET", "projects", project, "iam"), "bindings")

    # --- The OAuth consent screen and clients ---------------------------------------------------

    def set_consent_screen(
        self,
        project: str,
        *,
        app_name: str,
        support_email: str,
        user_type: str = "external",
        publishing_status: str = "testing",
        scopes: Iterable[str] = (),
    ) -> Answer:
        """Configure a project's consent screen."""
        body = {
            "userType": user_type,
            "publishingStatus": publishing_status,
            "appName": app_name,
            "supportEmail": support_email,
            "scopes": list(scopes),
        }
        return self.call("PUT", "projects", project, "consent-screen", body=body)

    def consent_screen(self, project: str) -> Answer:
        """Return a project's consent screen."""
        return self.call("GET", "projects", project, "consent-screen")

    def add_test_user(self, project: str, email: str) -> Answer:
        """Make an address a tester."""
        return self.call("PUT", "projects", project, "test-users", email)

    def remove_test_user(self, project: str, email: str) -> Answer:
        """Take an address from the testers."""
        return self.call("DELETE", "projects", project, "test-users", email)

    def test_users(self, project: str) -> list[Answer]:
        """Return the testers."""
        return _list(self.call("GET", "projects", project, "test-users"), "testUsers")

    def create_client(
        self, project: str, name: str, *, kind: str = "desktop", redirect_uris: Iterable[str] = ()
    ) -> Answer:
        """Create an OAuth client; its answer's `file` is the client_secret_….json, this once."""
        body = {"kind": kind, "name": name, "redirectUris": list(redirect_uris)}
        return self.call("POST", "projects", project, "clients", body=body)

    def clients(self, project: str) -> list[Answer]:
        """Return a project's OAuth clients."""
        return _list(self.call("GET", "projects", project, "clients"), "clients")

    def client(self, client_id: str) -> Answer:
        """Return an OAuth client."""
        return self.call("GET", "clients", client_id)

    def delete_client(self, client_id: str) -> Answer:
        """Delete an OAuth client."""
        return self.call("DELETE", "clients", client_id)

    def disable_client(self, client_id: str) -> Answer:
        """Disable an OAuth client."""
        return self.call("POST", "clients", client_id, "disable")

    def enable_client(self, client_id: str) -> Answer:
        """Enable an OAuth client again."""
        return self.call("POST", "clients", client_id, "enable")

    def add_secret(self, client_id: str) -> Answer:
        """Add a secret to an OAuth client; its answer has a new `file`."""
        return self.call("POST", "clients", client_id, "secrets")

    def create_grant(self, account: str, *, client_id: str, scopes: Iterable[str]) -> Answer:
        """Record a consent that was given earlier; return the token endpoint's answer to it."""
        body = {"account": account, "clientId": client_id, "scopes": list(scopes)}
        return self.call("POST", "grants", body=body)

    # --- The metadata server --------------------------------------------------------------------

    def set_metadata(
        self,
        service_account: str | None = None,
        *,
        scopes: Iterable[str] = (),
        project: str | None = None,
        platform: str = "compute-engine",
        attributes: Mapping[str, str] | None = None,
    ) -> Answer:
        """Say which machine the metadata server stands for, and which account is attached to it.

        Args:
            service_account: its e-mail address; None for a machine without one.
            scopes: what its tokens cover; without any the platform's defaults, which on Compute
                Engine lack the Gemini API.
            project: where the machine is; the service account's by default.
            platform: `compute-engine`, or `cloud-run`, where a program may ask for other scopes.
            attributes: the machine's own metadata.
        """
        body = {
            "serviceAccount": service_account,
            "scopes": list(scopes),
            "project": project,
            "platform": platform,
            "attributes": dict(attributes or {}),
        }
        return self.call("PUT", "metadata", body=body)

    def metadata(self) -> Answer:
        """Return what the metadata server stands for."""
        return self.call("GET", "metadata")

    def clear_metadata(self) -> None:
        """Take the machine away: there is no metadata server any more."""
        self.call("DELETE", "metadata")

    def create_credentials(
        self,
        account: str,
        *,
        scopes: Iterable[str] = (),
        quota_project: str | None = None,
        client: tuple[str, str] | None = None,
    ) -> Answer:
        """Record a person's consent; its answer's `file` is a credential file, this once.

        Args:
            account: the person's e-mail address.
            scopes: to what; the quickstart's by default.
            quota_project: the project that calls count against.
            client: id and secret of the OAuth client; a new one by default.
        """
        client_id, secret = client or (None, None)
        body = {
            "account": account,
            "scopes": list(scopes) or None,
            "quotaProject": quota_project,
            "clientId": client_id,
            "clientSecret": secret,
        }
        return self.call("POST", "credentials", body=body)

    def create_service_account_key(self, email: str) -> Answer:
        """Create a service account's key; its answer's `file` is the key file, this once."""
        return self.call("POST", "service-accounts", email, "keys")

    # --- API keys and tuned models --------------------------------------------------------------

    def create_api_key(
        self, project: str, display_name: str, *, service_account: str | None = None
    ) -> Answer:
        """Create an API key; its answer's `key` is the key, this once."""
        body = {"displayName": display_name, "serviceAccount": service_account}
        return self.call("POST", "projects", project, "api-keys", body=body)

    def api_keys(self, project: str) -> list[Answer]:
        """Return a project's API keys."""
        return _list(self.call("GET", "projects", project, "api-keys"), "apiKeys")

    def delete_api_key(self, uid: str) -> Answer:
        """Delete an API key."""
        return self.call("DELETE", "api-keys", uid)

    def create_tuned_model(
        self,
        model: str,
        *,
        owner: str,
        project: str,
        resource: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Create a tuned model without tuning; `resource` has the API's own members."""
        body = {"id": model, "owner": owner, "project": project, "resource": resource}
        return self.call("POST", "tuned-models", body=body)

    def tuned_models(self) -> list[Answer]:
        """Return the tuned models, whoever owns them."""
        return _list(self.call("GET", "tuned-models"), "tunedModels")

    def delete_tuned_model(self, model: str) -> Answer:
        """Delete a tuned model; `model` is its id, with or without `tunedModels/`."""
        return self.call("DELETE", "tuned-models", model.removeprefix("tunedModels/"))


def _list(answer: Answer, name: str) -> list[Answer]:
    values: list[Answer] = answer[name]
    return values
