"""A machine with a sign-in, and its emulator: faults are made in either, for real."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gemauth.client.cache import adc, grants
from gemauth.client.doctor.case import Case
from gemauth.client.doctor.examination import Report, examine
from gemauth.client.gemini import Gemini
from gemauth.client.sources import chain
from gemauth.client.transport import Transport
from gemauth.client.world import Network
from gemauth.flow import run
from gemauth.google import scopes as google_scopes
from gemauth.google.credentials import AuthorizedUser
from gemauth.testing.clock import FakeClock

if TYPE_CHECKING:
    from gemauth.client.doctor.finding import Finding
    from gemauth.testing.emulator import EmulatorServer

ADA, BOB = "ada@example.com", "bob@example.com"
API = "generativelanguage.googleapis.com"
PROJECT = "my-project"
ROBOT = f"robot-1@{PROJECT}.iam.gserviceaccount.com"
WEEK = 604_800.0
SEED = {
    "accounts": [{"email": ADA}, {"email": BOB}],
    "projects": [
        {
            "projectId": PROJECT,
            "owner": ADA,
            "services": [API, "serviceusage.googleapis.com", "iam.googleapis.com"],
            "consentScreen": {"appName": "Demo", "supportEmail": ADA},
            "testUsers": [ADA],
            "clients": [{"kind": "desktop", "name": "cli"}],
        },
        {"projectId": "bobs-project", "owner": BOB, "services": [API]},
    ],
}


class Patient:
    """A machine, its clock, its emulator and the emulator's clock."""

    def __init__(self, server: EmulatorServer, server_clock: FakeClock, home: Path) -> None:
        self.server, self.server_clock = server, server_clock
        self.control = server.control
        self.clock = FakeClock(server_clock.now())
        self.environ = {"HOME": str(home), "GEMAUTH_EMULATOR": server.address}
        seeded = server.control.seed(SEED)
        self.client = seeded["clients"][0]["file"]["installed"]

    @property
    def client_id(self) -> str:
        """The OAuth client's id."""
        return str(self.client["client_id"])

    @property
    def path(self) -> Path:
        """The credential file."""
        return adc.well_known(self.environ)

    def sign_in(
        self, *scopes: str, quota_project: str | None = None, known: bool = True
    ) -> AuthorizedUser:
        """Sign Ada in, as `gemauth login` would leave it; or as another program, not `known`."""
        granted = scopes or (*google_scopes.DEFAULT, google_scopes.EMAIL)
        answer = self.control.create_grant(ADA, client_id=self.client_id, scopes=granted)
        token = answer["refresh_token"]
        user = AuthorizedUser(
            self.client_id, self.client["client_secret"], token, quota_project, ADA
        )
        adc.write(self.path, user)
        if known:
            until = self.clock.now() + WEEK
            grant = grants.Grant(granted, ADA, until, PROJECT, self.server.address)
            grants.remember(self.environ, token, grant)
        return user

    def key(self) -> str:
        """Create a service account as Ada, write its key, and return the path."""
        found = chain.load(self.path, environ=self.environ)
        with Gemini(found.credentials) as api:
            body = b'{"accountId": "robot-1"}'
            api.request("POST", f"/v1/projects/{PROJECT}/serviceAccounts", body=body)
        made = self.control.create_service_account_key(ROBOT)
        path = Path(self.environ["HOME"]) / "key.json"
        path.write_text(json.dumps(made["file"]))
        path.chmod(0o600)
        return str(path)

    def wait(self, seconds: float) -> None:
        """Let time pass on both clocks."""
        self.clock.advance(seconds)
        self.server_clock.advance(seconds)

    def examine(self, **case: Any) -> Report:
        """Examine the machine; `case` has more of the case's members."""
        environ = {**self.environ, **case.pop("environ", {})}
        with Transport(environ, timeout=10) as transport:
            flow = examine(Case(environ, transport=transport, **case))
            return run(flow, Network(transport, clock=self.clock, sleep=lambda _: None))


def start_clock() -> FakeClock:
    """A clock that begins at now, as tokens' ends are compared with it."""
    return FakeClock(float(int(time.time())))


def named(report: Report, check: str) -> Finding:
    """The finding of a check."""
    return next(found for found in report.findings if found.check == check)


def states(report: Report) -> dict[str, str]:
    """The checks that did not end well, with how they did."""
    return {f.check: f.state.value for f in report.findings if f.state.value != "ok"}
