"""The walk against the emulator: it is our picture of Google, so nothing may differ from it."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

from gemauth.client.cache import adc
from gemauth.client.selftest import transcript
from gemauth.client.selftest.transcript import STEPS, Outcome, walk_through
from gemauth.client.selftest.walk import Step, Walk
from gemauth.client.sources import chain
from gemauth.client.transport import Transport
from gemauth.client.world import Network
from gemauth.errors import UnreachableError
from gemauth.flow import Send, run
from gemauth.http import Response
from gemauth.testing.clock import FakeClock
from gemauth.testing.emulator import EmulatorServer
from tests.client.doctor.patient import ADA, PROJECT, Patient
from tests.client.selftest.test_walk import walk
from tests.client.transcript import play

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gemauth.flow import Flow

ASKED = 9  # what can be asked without a token
# What the emulator does not have yet, and says so.
DIFFERS = {
    "discovery": ["members device_authorization_endpoint"],
    "files.list": ["HTTP 200"],
    "corpora.list": ["200, or 403 for the scopes"],
}
OF_TUNED = ["tunedModels.get", "tunedModels.permissions.list"]
OF_CLOUD = [
    "models.list with cloud-platform alone",
    "the API's state at Service Usage",
    "who is billed at Resource Manager",
]
NAME = "adas-own"  # a tuned model


@pytest.fixture
def patient(home: Path) -> Iterator[Patient]:
    """A machine with an emulator."""
    clock = FakeClock(float(int(time.time())))
    with EmulatorServer(clock=clock) as server:
        yield Patient(server, clock, home)


def walked(patient: Patient, *scopes: str, quota_project: str | None = None) -> tuple[Outcome, ...]:
    """What came of a walk as Ada."""
    user = patient.sign_in(*scopes, quota_project=quota_project)
    found = chain.load(patient.path, environ=patient.environ)
    with Transport(patient.environ) as sender:
        return run(walk_through(Walk(found.credentials, user)), Network(sender))


def test_the_emulator_is_as_we_believe_google_to_be(patient: Patient) -> None:
    """Every step is answered as expected."""
    patient.control.create_tuned_model(NAME, owner=ADA, project=PROJECT)
    outcomes = walked(patient)
    assert [outcome.step for outcome in outcomes] == [step.name for step in STEPS]
    assert [outcome.problem for outcome in outcomes] == [None] * len(STEPS)
    assert {
        outcome.step: [fact.fact for fact in outcome.facts if not fact.holds]
        for outcome in outcomes
        if outcome.differs
    } == DIFFERS


def test_an_api_that_is_off(patient: Patient) -> None:
    """Resource Manager refuses that, and a person who has it off learns of no difference."""
    told = {outcome.step: outcome for outcome in walked(patient)}
    assert told["who is billed at Resource Manager"].status == 403
    assert told["the API's state at Service Usage"].body["state"] == "ENABLED"
    patient.control.enable_service(PROJECT, "cloudresourcemanager.googleapis.com")
    told = {outcome.step: outcome for outcome in walked(patient)}
    asked = told["who is billed at Resource Manager"]
    assert (asked.status, asked.body) == (200, {"permissions": ["serviceusage.services.use"]})


def test_a_quota_project_that_is_anothers(patient: Patient) -> None:
    """The calls are counted against the project that the credentials name, as in the quickstart."""
    told = {outcome.step: outcome for outcome in walked(patient, quota_project="bobs-project")}
    asked = told["models.list at the quota project's expense"]
    assert asked.status == 403
    assert not asked.differs
    assert asked.body["error"]["details"][1]["reason"] == "USER_PROJECT_DENIED"
    assert "bobs-project" not in json.dumps(asked.to_json())


def test_fewer_scopes(patient: Patient) -> None:
    """A person who granted less is told no differences: what may differ does."""
    outcomes = walked(patient, "https://www.googleapis.com/auth/generative-language.retriever")
    assert {outcome.step for outcome in outcomes if outcome.differs} == {*DIFFERS}
    skipped = [outcome.step for outcome in outcomes if outcome.problem is not None]
    assert skipped == [OF_CLOUD[0], *OF_TUNED, *OF_CLOUD[1:]]


def test_nobody_is_in_the_transcript(patient: Patient) -> None:
    """No secret, address, project, client or model of the person's."""
    patient.control.create_tuned_model(
        NAME, owner=ADA, project=PROJECT, resource={"description": "Adas words"}
    )
    text = json.dumps([outcome.to_json() for outcome in walked(patient)])
    user = adc.read(patient.path).credentials.to_json()
    for personal in (
        user["refresh_token"],
        user["client_secret"],
        user["client_id"],
        user["client_id"].partition("-")[0],
        ADA,
        PROJECT,
        NAME,
        "Adas words",
        "ya29.emu",
    ):
        assert personal not in text
    assert "ACCESS_TOKEN_SCOPE_INSUFFICIENT" in text


def test_a_model_in_a_refusal() -> None:
    """A refusal may name a tuned model by its bare id (gemini-api.md 10, row 14)."""

    def asked(walk: Walk) -> Flow[Response | None]:
        if walk.tuned is None:
            walk.tuned = "tunedModels/adas.own-x"
            return Response(200, body=b"{}")
        yield from ()
        told = "You do not have permission to access tuned model adas.own-x."
        return Response(403, body=json.dumps({"error": {"message": told}}).encode())

    step = Step("x", "x", asked, ())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transcript, "STEPS", (step, step))
        outcomes = play(walk_through(walk()))
    told = "You do not have permission to access tuned model [yours]."
    assert outcomes[1].body == {"error": {"message": told}}


def test_nobody_answers() -> None:
    """The walk goes on, and nothing is said of what was not seen."""
    lines = [(Send, UnreachableError("down"))] * ASKED
    outcomes = play(walk_through(walk()), *lines)
    assert not any(outcome.differs for outcome in outcomes)
    assert {outcome.problem for outcome in outcomes} == {
        "down",
        "not asked: no earlier step brought what it takes",
    }


def test_a_server_that_is_another() -> None:
    """Everything differs, and nothing breaks."""
    lines = [(Send, Response(200, body=b"<html>"))] * ASKED
    outcomes = play(walk_through(walk()), *lines)
    assert all(outcome.differs for outcome in outcomes if outcome.problem is None)
