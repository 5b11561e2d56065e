"""Each fault is really made, at an emulator or on the machine, and the doctor finds that one."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gemauth.client.cache import adc
from gemauth.client.doctor.examination import CHECKS
from gemauth.client.doctor.finding import State
from gemauth.client.flows.revocation import end_grant
from gemauth.client.profiles import store, upkeep, using
from gemauth.client.transport import Transport
from gemauth.client.world import Network
from gemauth.errors import Fault
from gemauth.flow import run
from gemauth.google import scopes
from gemauth.google.client_secret import GCLOUD_CLIENT_ID
from gemauth.google.credentials import AuthorizedUser
from gemauth.google.endpoints import emulator
from tests.client.doctor.patient import ADA, API, PROJECT, ROBOT, WEEK, Patient, named, states

if TYPE_CHECKING:
    from gemauth.client.doctor.examination import Report
    from gemauth.client.doctor.finding import Finding

NAMES = {"names": "skipped"}  # an emulator has none


def cause(report: Report) -> Finding:
    """The first failure, from which the exit code comes."""
    first = next(found for found in report.findings if found.state is State.FAILED)
    assert report.exit_code == first.exit_code != 0
    assert first.next_step is not None
    return first


def files(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, with its content."""
    return {str(p): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_a_healthy_machine(patient: Patient) -> None:
    """Every check passes, the exit code is 0, and not one file is different afterwards."""
    patient.sign_in()
    before = files(Path(patient.environ["HOME"]))
    report = patient.examine()
    assert states(report) == NAMES
    assert report.exit_code == 0
    assert [found.check for found in report.findings] == [*CHECKS]
    assert report.count(State.OK) == len(CHECKS) - 1
    assert files(Path(patient.environ["HOME"])) == before


def test_nobody_signed_in(patient: Patient) -> None:
    """The way to sign in, and what can be checked without credentials is."""
    report = patient.examine()
    found = cause(report)
    assert (found.check, found.exit_code) == ("credentials", 3)
    assert found.next_step == "gemauth login --client-id-file FILE"
    assert named(report, "api server").state is State.OK
    assert named(report, "models").state is State.SKIPPED


def test_a_signed_in_service_account(patient: Patient) -> None:
    """A key passes what applies to it; it says itself which emulator it is for."""
    patient.sign_in()
    report = patient.examine(credentials=patient.key(), environ={"GEMAUTH_EMULATOR": ""})
    skipped = {"profile", "client", "names", "sign-in", "test users"}
    assert states(report) == dict.fromkeys(skipped, "skipped")
    told = named(report, "credentials").message
    assert ROBOT in told
    assert f"It is for the emulator at {patient.server.address}" in told


def test_the_api_is_off(patient: Patient) -> None:
    """The project's fault; the command enables it; Service Usage says the same."""
    patient.sign_in()
    patient.control.disable_service(PROJECT, API)
    report = patient.examine()
    found = cause(report)
    assert (found.check, found.exit_code, found.fault) == ("models", 4, Fault.PROJECT)
    assert "SERVICE_DISABLED" in str(found.evidence)
    assert str(found.next_step).startswith("gemauth emulator services enable ")
    assert named(report, "api enabled").evidence == "state=DISABLED"
    assert named(report, "api enabled").next_step == (
        f"gemauth emulator services enable {PROJECT} {API}"
    )


def test_a_scope_is_missing(patient: Patient) -> None:
    """cloud-platform alone: the challenge is the evidence, and the sign-in to repeat is told."""
    patient.sign_in(scopes.CLOUD_PLATFORM)
    report = patient.examine()
    found = cause(report)
    assert (found.check, found.exit_code) == ("scopes", 3)
    assert "cloud-platform alone opens nothing" in found.message
    refused = named(report, "models")
    assert "ACCESS_TOKEN_SCOPE_INSUFFICIENT" in str(refused.evidence)
    assert 'error="insufficient_scope"' in str(refused.evidence)
    assert refused.next_step == found.next_step
    assert found.next_step == "gemauth login --add-scopes tuning,retriever"
    assert named(report, "tuned models").state is State.SKIPPED
    assert named(report, "api enabled").evidence == "state=ENABLED"


def test_a_family_is_missing(patient: Patient) -> None:
    """One unticked box is a warning: what is closed is named, and the rest works."""
    patient.sign_in(scopes.RETRIEVER)
    report = patient.examine()
    assert report.exit_code == 0
    assert states(report) == NAMES | {"scopes": "warning", "tuned models": "skipped"}
    assert "see tuned models" in named(report, "scopes").message


def test_a_removed_tester(patient: Patient) -> None:
    """The refresh is refused; whether it was for the testers is not said, but where to look is."""
    patient.sign_in()
    patient.control.remove_test_user(PROJECT, ADA)
    report = patient.examine()
    assert (cause(report).check, cause(report).exit_code) == ("refresh", 3)
    testers = named(report, "test users")
    assert testers.state is State.SKIPPED
    assert testers.next_step == f"gemauth emulator test-users list {PROJECT}"


def test_a_revoked_sign_in(patient: Patient) -> None:
    """invalid_grant, with the reasons that it may have."""
    user = patient.sign_in()
    with Transport(patient.environ) as sender:
        run(end_grant(user.refresh_token, emulator(patient.server.address)), Network(sender))
    found = cause(patient.examine())
    assert (found.check, found.exit_code, found.fault) == ("refresh", 3, Fault.CALLER)
    assert "It was revoked" in found.message
    assert "error=invalid_grant" in str(found.evidence)
    assert found.next_step == "gemauth login --client-id-file FILE"


def test_seven_days_are_over(patient: Patient) -> None:
    """The sign-in's own end is the cause, and the refusal's reason is known."""
    patient.sign_in()
    patient.wait(WEEK + 60)
    report = patient.examine()
    assert (cause(report).check, cause(report).exit_code) == ("sign-in", 3)
    assert "7 days for an app in Testing" in named(report, "refresh").message


def test_an_end_that_nobody_remembers(patient: Patient) -> None:
    """Another program's file says no end: the refusal names all reasons."""
    patient.sign_in(known=False)
    patient.wait(WEEK + 60)
    report = patient.examine()
    assert named(report, "sign-in").state is State.OK
    assert cause(report).check == "refresh"
    assert "unused for 6 months" in cause(report).message


def test_the_last_day(patient: Patient) -> None:
    """A sign-in that ends within a day is warned of."""
    patient.sign_in()
    patient.wait(WEEK - 3600)
    report = patient.examine()
    assert states(report) == NAMES | {"sign-in": "warning"}
    assert "1 hour left" in named(report, "sign-in").message


@pytest.mark.parametrize(
    ("seconds", "state", "code"), [(20, "ok", 0), (120, "warning", 0), (3600, "failed", 3)]
)
def test_a_wrong_clock(patient: Patient, seconds: float, state: str, code: int) -> None:
    """Little is tolerated, more is warned of, and what outlasts the early refresh fails."""
    patient.sign_in()
    patient.clock.advance(seconds)
    report = patient.examine(platform="linux")
    found = named(report, "clock")
    assert (found.state.value, report.exit_code) == (state, code)
    if state != "ok":
        assert "ahead of the server's" in found.message
        assert found.fault is Fault.MACHINE
        assert found.next_step == "sudo timedatectl set-ntp true"


def test_a_clock_that_is_behind(patient: Patient) -> None:
    """The direction is told, and macOS has a command of its own."""
    patient.sign_in()
    patient.clock.set(patient.clock.now() - 7200)
    found = named(patient.examine(platform="darwin"), "clock")
    assert "2 hours behind" in found.message
    assert found.next_step == "sudo sntp -sS time.apple.com"


def test_a_readable_file(patient: Patient) -> None:
    """0644: a warning, with the command that repairs it."""
    patient.sign_in()
    patient.path.chmod(0o644)
    report = patient.examine()
    assert states(report) == NAMES | {"file": "warning"}
    found = named(report, "file")
    assert found.evidence == "mode 0644 instead of 0600"
    assert found.next_step == f"chmod 600 {patient.path}"


def test_the_wrong_side(patient: Patient) -> None:
    """A sign-in at Google is not sent to an emulator: nothing is, and the doctor says why."""
    adc.write(patient.path, AuthorizedUser("1-x.apps.googleusercontent.com", "GOCSPX-x", "1//0x"))
    found = cause(patient.examine())
    assert (found.check, found.exit_code) == ("credentials", 3)
    assert "Google's, and is not sent to an emulator" in found.message
    assert "Unset GEMAUTH_EMULATOR" in str(found.next_step)


@pytest.mark.parametrize(
    ("project", "reason", "next_step"),
    [
        (
            "bobs-project",
            "USER_PROJECT_DENIED",
            (
                "gemauth emulator iam add bobs-project roles/serviceusage.serviceUsageConsumer "
                f"user:{ADA}"
            ),
        ),
        ("no-such-project", "CONSUMER_INVALID", "gemauth emulator projects list"),
    ],
)
def test_the_quota_project_is_denied(
    patient: Patient, project: str, reason: str, next_step: str
) -> None:
    """The project that cannot be billed is named, and what would let it be."""
    patient.sign_in(quota_project=project)
    report = patient.examine()
    assert (cause(report).check, cause(report).exit_code) == ("models", 4)
    payer = named(report, "quota project")
    assert payer.state is State.FAILED
    assert project in payer.message
    assert reason in str(payer.evidence)
    assert payer.next_step == next_step


def test_the_remedy_heals(patient: Patient) -> None:
    """What the doctor says to do is what ends the fault: the quota project's role, granted."""
    patient.sign_in(quota_project="bobs-project")
    assert patient.examine().exit_code == 4
    role = "roles/serviceusage.serviceUsageConsumer"
    patient.control.add_binding("bobs-project", role, f"user:{ADA}")
    report = patient.examine()
    assert states(report) == NAMES
    assert "bobs-project" in named(report, "quota project").message


def test_a_deleted_client(patient: Patient) -> None:
    """The OAuth client is gone: where clients are made is told."""
    patient.sign_in()
    patient.control.delete_client(patient.client_id)
    found = cause(patient.examine())
    assert (found.check, found.exit_code) == ("refresh", 3)
    assert found.next_step == f"gemauth emulator clients list {PROJECT}"


def test_googles_own_client(patient: Patient) -> None:
    """The client of gcloud is nobody's own."""
    user = patient.sign_in()
    adc.write(patient.path, replace(user, client_id=GCLOUD_CLIENT_ID))
    found = cause(patient.examine())
    assert (found.check, found.exit_code) == ("client", 2)
    assert found.next_step == "gemauth login --client-id-file FILE"


def test_a_torn_file(patient: Patient) -> None:
    """A file that is no credential file: exit code 7, as for every command."""
    patient.path.parent.mkdir(parents=True)
    patient.path.write_text("{")
    found = cause(patient.examine())
    assert (found.check, found.exit_code) == ("credentials", 7)


def test_a_deleted_key(patient: Patient) -> None:
    """A service account's key that its account does not have."""
    patient.sign_in()
    path = Path(patient.key())
    key = json.loads(path.read_text())
    path.write_text(json.dumps({**key, "private_key_id": "656d75" + "0" * 34}))
    found = cause(patient.examine(credentials=str(path)))
    assert (found.check, found.exit_code) == ("refresh", 3)
    assert "key" in str(found.next_step)


def test_a_shadowed_sign_in(patient: Patient) -> None:
    """GOOGLE_APPLICATION_CREDENTIALS goes before the sign-in: the command undoes it."""
    patient.sign_in()
    key = patient.key()
    report = patient.examine(environ={"GOOGLE_APPLICATION_CREDENTIALS": key})
    found = named(report, "credentials")
    assert found.state is State.WARNING
    assert found.next_step == "unset GOOGLE_APPLICATION_CREDENTIALS"
    assert str(patient.path) in found.message


def test_profiles(patient: Patient) -> None:
    """Whether gemauth and the other libraries use the same sign-in, and which command mends it."""
    patient.sign_in()
    environ = patient.environ

    def found(**more: str) -> tuple[str, str | None]:
        finding = named(patient.examine(environ=more), "profile")
        return finding.message.replace(str(patient.path), "ADC"), finding.next_step

    assert found() == ("ADC is in no profile.", None)
    upkeep.save(environ, "work", patient.path)
    using.use(environ, "work")
    before = patient.path.read_bytes()
    assert found() == ("ADC is the profile work.", None)
    assert found(GEMAUTH_PROFILE="work") == ("ADC is the profile work.", None)
    body = json.loads(before)
    patient.path.write_text(json.dumps({**body, "quota_project_id": PROJECT}))
    message, step = found()
    assert "Another program has changed ADC" in message
    assert step == "gemauth profiles save work"
    patient.path.write_bytes(before)
    store.place(environ, "work").write_text(json.dumps({**body, "quota_project_id": PROJECT}))
    message, step = found()
    assert "ADC is an earlier state of the profile work" in message
    assert step == "gemauth profiles use work"
    adc.write(store.place(environ, "play"), replace(patient.sign_in(), refresh_token="1//emu-2"))
    message, step = found(GEMAUTH_PROFILE="play")
    assert message.startswith("gemauth uses the profile play, and every other Google library ADC")
    assert step == "gemauth profiles use play"


def test_a_pipe(patient: Patient) -> None:
    """`--credentials <(…)` is read once, by what uses it."""
    patient.sign_in()
    reading, writing = os.pipe()
    os.write(writing, patient.path.read_bytes())
    os.close(writing)
    try:
        report = patient.examine(credentials=f"/dev/fd/{reading}")
    finally:
        os.close(reading)
    assert report.exit_code == 0
    assert states(report) == NAMES | dict.fromkeys(("profile", "file", "client"), "skipped")


def test_no_emulator_there(patient: Patient) -> None:
    """Nothing listens: the two servers and the refresh fail, nothing else is blamed."""
    patient.sign_in()
    report = patient.examine(emulator="http://127.0.0.1:9")
    assert (cause(report).check, cause(report).exit_code) == ("token server", 5)
    assert cause(report).fault is Fault.MACHINE


def test_no_address(patient: Patient) -> None:
    """An address that is none fails at once, and the rest is still looked at."""
    report = patient.examine(emulator="https://evil.example")
    assert (cause(report).check, cause(report).exit_code) == ("side", 2)
    assert named(report, "token server").state is State.SKIPPED


def test_no_secret_is_told(patient: Patient) -> None:
    """Neither tokens nor secrets stand in any finding, whatever went wrong."""
    user = patient.sign_in(quota_project="bobs-project")
    told = repr(patient.examine(environ={"GEMINI_API_KEY": "AIzaSecret"}))
    patient.control.remove_test_user(PROJECT, ADA)
    told += repr(patient.examine())
    for secret in (user.refresh_token, user.client_secret, "ya29.", "AIzaSecret"):
        assert secret not in told
