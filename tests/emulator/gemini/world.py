"""A small world for tests: two projects, five people, a service account, keys, a tuned model.

Records are written straight into an in-memory store, so that these tests need no other room.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.testclient import TestClient

from gemauth.emulator import gemini
from gemauth.emulator.iam import policy
from gemauth.emulator.settings import Settings
from gemauth.emulator.storage.hashing import digest
from gemauth.emulator.storage.records import (
    Account,
    ApiKey,
    EnabledService,
    Grant,
    GroupMember,
    OAuthClient,
    Permission,
    Project,
    ServiceAccount,
    TunedModel,
)
from gemauth.emulator.tokens import shape
from gemauth.google.endpoints import GEMINI_SERVICE
from gemauth.google.scopes import CLOUD_PLATFORM, RETRIEVER, TUNING
from tests.emulator.state import State

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from httpx2 import Response
    from starlette.types import ASGIApp

    from gemauth.emulator.context import Context
    from gemauth.emulator.settings import Settings

ANN = "ann@example.com"  # owns the model
WILL = "will@example.com"  # may write
RIA = "ria@example.com"  # may read
GUS = "gus@example.com"  # is in a group that may read
OTTO = "otto@example.com"  # has nothing
TEAM = "team@googlegroups.com"
ROBOT = "robot@tuning-lab.iam.gserviceaccount.com"
ROBOT_ID = "1" * 21
PEOPLE = (ANN, WILL, RIA, GUS, OTTO)

PROJECT, NUMBER = "tuning-lab", "123456789012"
OTHER_PROJECT, OTHER_NUMBER = "other-lab", "210987654321"
CLIENT = f"{NUMBER}-emu0.apps.googleusercontent.com"
MODEL = "tunedModels/sentences-k3"
SCOPES = (CLOUD_PLATFORM, TUNING, RETRIEVER)

RESOURCE: dict[str, Any] = {
    "displayName": "Sentence translator",
    "description": "Turns a sentence around",
    "baseModel": "models/gemini-1.5-flash-001-tuning",
    "state": "ACTIVE",
    "tuningTask": {
        "startTime": "2026-01-01T00:00:02.649978713Z",
        "completeTime": "2026-01-01T00:00:28Z",
        "snapshots": [{"step": 1, "meanLoss": 11.5, "computeTime": "2026-01-01T00:00:05Z"}],
        "trainingData": {"examples": {"examples": [{"textInput": "1", "output": "2"}]}},
        "hyperparameters": {"epochCount": 5, "batchSize": 2, "learningRateMultiplier": 1},
    },
}


class World(State):
    """An emulator's store with something in it, and a client that speaks to an app over it."""

    def __init__(
        self,
        settings: Settings | None = None,
        build: Callable[[Context], ASGIApp] | None = None,
    ) -> None:
        super().__init__(settings)
        app = build(self.context) if build else Starlette(routes=gemini.routes(self.context))
        self.client = TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=True)
        self._fill()

    def _fill(self) -> None:
        now = self.clock.now()
        with self.write() as tx:
            for project, number in ((PROJECT, NUMBER), (OTHER_PROJECT, OTHER_NUMBER)):
                tx.add(Project(project, number, project, "ACTIVE", None, {}, now))
                tx.add(EnabledService(project, GEMINI_SERVICE))
            tx.add(OAuthClient(CLIENT, PROJECT, "desktop", "Desktop", (), "active", now))
            for i, email in enumerate(PEOPLE):
                sub = f"1{i:020}"
                tx.add(Account(sub, email, email, "", "", None, now))
                tx.add(Grant(f"grant-{sub}", sub, CLIENT, SCOPES, now, None))
            tx.add(GroupMember(TEAM, GUS))
            tx.add(
                ServiceAccount(
                    ROBOT_ID,
                    PROJECT,
                    ROBOT,
                    "Robot",
                    "",
                    False,  # noqa: FBT003  # a record's column
                    None,
                    "BwX",
                    now,
                )
            )
            policy.grant_role(tx, f"projects/{PROJECT}", "roles/owner", f"user:{ANN}")
        self.add_model(MODEL, RESOURCE, {ANN: "OWNER", WILL: "WRITER", RIA: "READER"})
        self.share(MODEL, TEAM, "READER", kind="GROUP")

    def add_model(
        self, name: str, resource: Mapping[str, Any], roles: Mapping[str, str], number: str = NUMBER
    ) -> None:
        """Write a tuned model, one second after the last, and its people's roles."""
        self.clock.advance(1)
        now = self.clock.now()
        with self.write() as tx:
            tx.add(TunedModel(name, number, resource, now, now))
        for email, role in roles.items():
            self.share(name, email, role)

    def share(self, name: str, email: str, role: str, kind: str = "USER") -> str:
        """Write a permission and return its name."""
        with self.write() as tx:
            number = len(tx.find(Permission, parent=name)) + 1
            tx.add(Permission(name, f"p{number}", kind, email, role, self.clock.now()))
        return f"{name}/permissions/p{number}"

    def token(self, email: str = ANN, scopes: tuple[str, ...] = SCOPES, life: int = 3600) -> str:
        """Write an access token of a person or of the service account, and return it."""
        if email == ROBOT:
            return self.access_token(ROBOT_ID, scopes, life=life)
        with self.read() as tx:
            sub = tx.find(Account, email=email)[0].sub
        return self.access_token(sub, scopes, grant=(f"grant-{sub}", CLIENT), life=life)

    def key(self, project: str = PROJECT, account: str | None = None) -> str:
        """Write an API key of a project, bound to a service account's id or not; return it."""
        make = shape.standard_api_key if account is None else shape.auth_api_key
        text = make(self.context.entropy)
        with self.write() as tx:
            tx.add(ApiKey(digest(text), f"uid-{text[-6:]}", project, "", account, self.clock.now()))
        return text

    def disable_api(self, project: str = PROJECT) -> None:
        """Switch the Gemini API off in a project."""
        with self.write() as tx:
            tx.remove(EnabledService, project, GEMINI_SERVICE)

    def enable_api(self, project: str = PROJECT) -> None:
        """Switch the Gemini API on in a project."""
        with self.write() as tx:
            tx.add(EnabledService(project, GEMINI_SERVICE))

    def allow(self, email: str, project: str) -> None:
        """Let a person use a project as quota project."""
        role = "roles/serviceusage.serviceUsageConsumer"
        with self.write() as tx:
            policy.grant_role(tx, f"projects/{project}", role, f"user:{email}")

    def end_grant(self, email: str) -> None:
        """Revoke what a person granted to the client."""
        with self.read() as tx:
            sub = tx.find(Account, email=email)[0].sub
        self.change(Grant, f"grant-{sub}", revoked_at=self.clock.now())

    def roles(self, name: str = MODEL) -> dict[str, str]:
        """Return who has which role on a model: address (empty for everyone) → role."""
        with self.read() as tx:
            return {p.email: p.role for p in tx.find(Permission, parent=name)}

    def call(
        self,
        verb: str,
        path: str,
        email: str | None = ANN,
        json: Any = None,
        headers: Any = None,
        **params: str,
    ) -> Response:
        """Send a REST call as a person with all scopes (None: without credentials)."""
        sent = dict(headers or {})
        if email is not None:
            sent["Authorization"] = f"Bearer {self.token(email)}"
        return self.client.request(verb, path, json=json, headers=sent, params=params or None)
