"""What a run's program finds at the emulator: a project, a person, an OAuth client, credentials.

In an emulator of the run's own, what is missing is made, and made ready; in one that others set up,
what is named must be there, and what had to be added is taken away at the end. What was there stays
as it is: an app that is not open to somebody stays closed to them. Read by `cli/emulator/run.py`.
"""

from __future__ import annotations

import json
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from gemauth.client.calls.refusal import ResourceNotFoundError
from gemauth.client.transport import Transport
from gemauth.errors import GemauthError, NotFoundError
from gemauth.google import scopes
from gemauth.google.client_secret import GCLOUD_LOGIN_CLIENT_ID, ClientSecret
from gemauth.google.credentials import AuthorizedUser, ServiceAccountKey
from gemauth.google.endpoints import GOOGLE, emulator
from gemauth.google.status import Code, Status, StatusError
from gemauth.http import JSON, Headers, Request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from gemauth.client.control import Answer, Control

__all__ = ["PERSON", "PROJECT", "Wanted", "World", "prepared"]

PROJECT = "gemauth-run"
PERSON = "developer@example.com"
SERVICES = (
    "generativelanguage.googleapis.com",
    "cloudresourcemanager.googleapis.com",
    "iam.googleapis.com",
    "iamcredentials.googleapis.com",
    "serviceusage.googleapis.com",
    "sts.googleapis.com",
)
"""What is on in a project that a run makes."""

# What the console writes into a client's file; the sign-in itself goes to v2 (google-oauth.md 6.2).
_CONSOLE_AUTH_URI = "https://accounts.google.com/o/oauth2/auth"
_CONSOLE_TOKEN_URI = "https://oauth2.googleapis.com/token"  # noqa: S105  # an address
_CLIENT = "gemauth emulator run"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a run is asked for.

    Args:
        credentials: whose: a person's, a service account's, or nobody's.
        project: its id; None takes the first there is.
        person: an e-mail address; None takes a test user of the project.
        service_account: its id or address.
        attach: how the program gets the service account: by a key file, or from the metadata
            server.
        auto_consent: who consents to sign-ins, by e-mail address.
        scopes: what the person has consented to, and what the metadata server gives.
        own: whether the emulator is the run's own, so that what is missing may be made.
        keeps: whether what a run adds outlives it, unless it is taken away.
    """

    credentials: Literal["person", "service-account", "none"] = "person"
    project: str | None = None
    person: str | None = None
    service_account: str | None = None
    attach: Literal["key", "metadata"] = "key"
    auto_consent: str | None = None
    scopes: tuple[str, ...] = scopes.DEFAULT
    own: bool = True
    keeps: bool = False


@dataclass(slots=True)
class World:
    """What is there now.

    Attributes:
        project: its id.
        person: the address of who is signed in, or owns what the run made.
        client: the OAuth client as the console would have written it; None without a consent
            screen.
        service_account: its address, where it is the program's.
        credentials: the credential file's content, if there is one.
        metadata: whether the metadata server has a service account to give.
    """

    project: str
    person: str
    client: ClientSecret | None = field(default=None, repr=False)
    service_account: str | None = None
    credentials: Mapping[str, Any] | None = field(default=None, repr=False)
    metadata: bool = False


@contextmanager
def prepared(
    control: Control, address: str, wanted: Wanted, seed: Mapping[str, Any] | None = None
) -> Iterator[World]:
    """Make the world ready, and take away what was added where others use it too.

    Args:
        control: the emulator's.
        address: the emulator's.
        wanted: what is asked for.
        seed: a document that is applied first (docs/control-api.md).

    Raises:
        NotFoundError: what is named is not there, in an emulator of others.
        StatusError: the seed or what is named is impossible.
    """
    with ExitStack() as added:
        yield _Preparation(control, address, wanted, added).make(seed)


@dataclass(slots=True)
class _Preparation:
    control: Control
    address: str
    wanted: Wanted
    added: ExitStack

    def make(self, seed: Mapping[str, Any] | None) -> World:
        files = [] if seed is None else self.control.seed(seed)["clients"]
        project = self._project()
        world = World(project, self._person(project))
        world.client = self._client(project, files)
        if self.wanted.credentials == "person":
            world.credentials = self._signed_in(world)
        elif self.wanted.credentials == "service-account":
            self._service_account(world)
        return world

    def _project(self) -> str:
        """Return the project's id; one that is made is made ready for its person."""
        named = self.wanted.project
        there = [row["projectId"] for row in self.control.projects() if row["state"] == "ACTIVE"]
        if named in there or (named is None and there):
            return named or str(there[0])
        if not self.wanted.own:
            raise NotFoundError(
                f"The emulator at {self.address} has no project{f' {named}' if named else ''}.",
                next_step="See what it has: gemauth emulator projects list",
            )
        project = named or PROJECT
        people = dict.fromkeys(filter(None, (self.wanted.person, self.wanted.auto_consent)))
        owner, *others = people or [PERSON]
        for email in (owner, *others):
            self._ensure_account(email)
        self.control.create_project(project, owner=owner)
        for service in SERVICES:
            self.control.enable_service(project, service)
        self.control.set_consent_screen(project, app_name=_CLIENT, support_email=owner)
        for email in (owner, *others):
            self.control.add_test_user(project, email)
        return project

    def _person(self, project: str) -> str:
        """Return who signs in: the one named, or the first who can."""
        consenting = self.wanted.auto_consent
        for email in filter(None, (self.wanted.person, consenting)):
            self._ensure_account(email)
        named = self.wanted.person or consenting
        if named is not None:
            return named
        accounts = [row["email"] for row in self.control.accounts()]
        testers = [row["email"] for row in self.control.test_users(project)]
        found = next(iter([each for each in testers if each in accounts] or accounts), None)
        if found is None:
            self._ensure_account(PERSON)
        return found or PERSON

    def _ensure_account(self, email: str) -> None:
        try:
            self.control.call("GET", "accounts", email)
        except ResourceNotFoundError:
            if not self.wanted.own:
                raise
            self.control.create_account(email)

    def _client(self, project: str, files: list[Answer]) -> ClientSecret | None:
        """Return a desktop client with its secret: the seed's, if it is new, or one of our own."""
        for row in files:
            if row["kind"] == "desktop" and row["projectId"] == project:
                return _as_downloaded(row["file"])
        try:
            made = self.control.create_client(project, _CLIENT)
        except StatusError as error:
            if (
                error.status.code is Code.FAILED_PRECONDITION
            ):  # no consent screen, as others left it
                return None
            raise
        self._undo(self.control.delete_client, made["clientId"])
        return _as_downloaded(made["file"])

    def _signed_in(self, world: World) -> Mapping[str, Any]:
        if world.client is None:
            raise NotFoundError(
                f"Project {world.project} has no OAuth consent screen, so that nobody can sign in.",
                next_step="Configure it (gemauth emulator consent-screen set), or run with "
                "--no-credentials.",
            )
        answer = self.control.create_grant(
            world.person, client_id=world.client.client_id, scopes=self.wanted.scopes
        )
        client = world.client
        return AuthorizedUser(
            client.client_id, client.client_secret, answer["refresh_token"]
        ).to_json()

    def _service_account(self, world: World) -> None:
        name = self.wanted.service_account or ""
        email = name if "@" in name else f"{name}@{world.project}.iam.gserviceaccount.com"
        if self.wanted.own and email.endswith(f"@{world.project}.iam.gserviceaccount.com"):
            path = f"projects/{world.project}/serviceAccounts"
            try:
                self._as_owner(world.project, "POST", path, {"accountId": email.partition("@")[0]})
            except StatusError as error:
                if error.status.code is not Code.ALREADY_EXISTS:
                    raise
        world.service_account = email
        if self.wanted.attach == "metadata":
            self._attach(email)
            world.metadata = True
            return
        made = self.control.call("POST", "service-accounts", email, "keys")
        world.credentials = ServiceAccountKey.from_json(made["file"]).at(GOOGLE).to_json()
        key = f"projects/-/serviceAccounts/{email}/keys/{made['file']['private_key_id']}"
        self._undo(self._as_owner, world.project, "DELETE", key)

    def _attach(self, email: str) -> None:
        try:
            before = self.control.call("GET", "metadata")
        except ResourceNotFoundError:
            self._undo(self.control.call, "DELETE", "metadata")
        else:
            self._undo(self.control.call, "PUT", "metadata", body=before)
        body = {"serviceAccount": email, "scopes": list(self.wanted.scopes)}
        self.control.call("PUT", "metadata", body=body)

    def _as_owner(
        self, project: str, method: str, path: str, body: Mapping[str, Any] | None = None
    ) -> None:
        """Call IAM as the project's owner would with gcloud.

        Raises:
            NotFoundError: no person owns the project.
            StatusError: IAM refuses.
        """
        owner = self._owner(project)
        consent = self.control.create_grant(
            owner, client_id=GCLOUD_LOGIN_CLIENT_ID, scopes=(scopes.CLOUD_PLATFORM,)
        )
        headers = {"Authorization": f"Bearer {consent['access_token']}", "Content-Type": JSON}
        url = f"{emulator(self.address).iam}/v1/{path}"
        content = b"" if body is None else json.dumps(body).encode()
        with Transport({}) as transport:
            response = transport.send(Request(method, url, Headers(headers), content))
        if not response.ok:
            unknown = Status(Code.UNKNOWN, f"IAM answered HTTP {response.status}.")
            raise StatusError(Status.from_json(response.json()) or unknown)

    def _owner(self, project: str) -> str:
        for binding in self.control.bindings(project):
            for member in binding["members"]:
                if binding["role"] == "roles/owner" and member.startswith("user:"):
                    return str(member.removeprefix("user:"))
        raise NotFoundError(
            f"No person owns project {project}.",
            next_step=f"Give it an owner: gemauth emulator iam add {project} roles/owner "
            "user:EMAIL",
        )

    def _undo(self, call: Callable[..., Any], *arguments: str, **more: Mapping[str, Any]) -> None:
        """Have a call made at the end, where what it takes away would stay otherwise."""

        def undo() -> None:
            with suppress(GemauthError):  # the emulator may be gone, or the thing itself
                call(*arguments, **more)

        if self.wanted.keeps or not self.wanted.own:
            self.added.callback(undo)


def _as_downloaded(file: Mapping[str, Any]) -> ClientSecret:
    """Return a client as Google's console writes it: the addresses are Google's own."""
    client = ClientSecret.from_json(file)
    return replace(client, auth_uri=_CONSOLE_AUTH_URI, token_uri=_CONSOLE_TOKEN_URI)
