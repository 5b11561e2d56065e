"""Each reader with each writer's file: a token, the models, and who the emulator saw."""

from __future__ import annotations

import json
import shutil
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gemauth.google.endpoints import GEMINI_SERVICE
from gemauth.google.scopes import EMAIL, OPENID
from tests.interop.clients.case import Case
from tests.interop.clients.conftest import Outcomes, lacks, open_worlds
from tests.interop.clients.exchange.readers import READERS
from tests.interop.clients.exchange.table import BILLED, SCOPES
from tests.interop.clients.exchange.writers import WRITERS
from tests.interop.local_google import ADA, PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.interop.clients.conftest import Outcome
    from tests.interop.clients.exchange.table import Reader, Writer

pytestmark = [pytest.mark.interop, pytest.mark.timeout(300)]

_COMMAND = Path(__file__).parents[4] / ".venv" / "bin" / "gemauth"
_DRIVER = Path(__file__).with_name("driver.py")
_WORDS = {
    "gemauth": str(_COMMAND),
    "gcloud": shutil.which("gcloud") or "",  # the real one, where the run has a stand-in
    "billed": BILLED,
    "scopes": ",".join(SCOPES),
    **{name: f"{{{name}}}" for name in ("python", "programs", "node", "go", "robot")},
}
_FLASH = "models/gemini-2.5-flash"
_WRITING, _INSTEAD = "writing", "instead"


def _case(writer: Writer, readers: list[Reader], plan: Path) -> Case:
    """One run: the writer, then its readers."""
    common = {"CLOUDSDK_CORE_DISABLE_PROMPTS": "1", "DISPLAY": ":99"}
    named = {} if writer.file is None else {"GOOGLE_APPLICATION_CREDENTIALS": writer.file}
    steps = [{"name": _WRITING, "lines": writer.lines, "environ": common}]
    for reader in readers:
        lines = reader.lines[writer.kind]
        steps.append({"name": reader.name, "lines": lines, "environ": {**common, **named}})
        difference = writer.differences.get(reader.name)
        if difference is not None and difference.instead:
            name = f"{_INSTEAD} {reader.name}"
            steps.append({"name": name, "lines": difference.instead, "environ": common})
    plan.write_text(json.dumps(steps), encoding="utf-8")
    words = [f"{name}={text}" for name, text in _WORDS.items()]
    return Case(
        "exchange",
        writer.name,
        ("{python}", str(_DRIVER), str(plan), *words),
        (),
        options=writer.options,
        needs=writer.needs,
    )


def _lacks(needs: str | None, go: str) -> str | None:
    return lacks(Case("", "", (), (), needs=needs), go)


class Exchange:
    """What became of each writer and its readers."""

    def __init__(self, outcomes: Outcomes, cases: dict[str, Case]) -> None:
        self._outcomes = outcomes
        self._cases = cases
        self.of = cache(self._of)

    def _of(self, writer: str) -> tuple[dict[str, Any], Outcome]:
        outcome = self._outcomes.of(self._cases[writer], isolate=False)
        assert outcome.exit_code == 0, outcome.story
        came: dict[str, Any] = json.loads(outcome.stdout)
        assert came[_WRITING]["code"] == 0, came[_WRITING]
        return came, outcome


@pytest.fixture(scope="module")
def exchange(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, go_program: str
) -> Iterator[Exchange]:
    """The runs of all writers that this session has selected, two at a time."""
    folder = tmp_path_factory.mktemp("plans")
    calls = [getattr(item, "callspec", None) for item in request.session.items]
    selected: dict[str, tuple[Writer, list[Reader]]] = {}
    for call in calls:
        if call is not None and {"writer", "reader"} <= set(call.params):
            writer, reader = call.params["writer"], call.params["reader"]
            if (
                _lacks(writer.needs, go_program) is None
                and _lacks(reader.needs, go_program) is None
            ):
                selected.setdefault(writer.name, (writer, []))[1].append(reader)
    cases = {
        name: _case(writer, readers, folder / f"{number}.json")
        for number, (name, (writer, readers)) in enumerate(selected.items())
    }
    with open_worlds(tmp_path_factory, go_program) as worlds:
        for world in worlds:
            billed = {"projectId": BILLED, "owner": ADA, "services": [GEMINI_SERVICE]}
            world.google.control.seed({"projects": [billed]})
        outcomes = Outcomes(worlds, [(case, False) for case in cases.values()])
        yield Exchange(outcomes, cases)
        outcomes.close()


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
@pytest.mark.parametrize("writer", WRITERS, ids=lambda writer: writer.name)
def test_a_file(writer: Writer, reader: Reader, exchange: Exchange, go_program: str) -> None:
    """The reader lists models as whom, for what and for whose quota the writer has written."""
    for needs in (writer.needs, reader.needs):
        if (lack := _lacks(needs, go_program)) is not None:
            pytest.skip(lack)
    came, outcome = exchange.of(writer.name)
    read = came[reader.name]
    difference = writer.differences.get(reader.name)
    if difference is not None:
        listed = [each for each in read["seen"] if each["path"] == "/v1beta/models"]
        assert not listed, f"the table says {difference.verdict!r}, but it works\n{read}"
        assert difference.told in read["said"]
        if not difference.instead:
            return
        read = came[f"{_INSTEAD} {reader.name}"]
    assert read["code"] == 0, read
    assert _FLASH in read["said"]
    (call,) = (each for each in read["seen"] if each["path"] == "/v1beta/models")
    robot = writer.kind == "service_account"
    told = writer.quota and reader.without_quota is None
    wanted = {
        "status": 200,
        "credential": writer.kind or "user",
        "principal": outcome.words["robot"] if robot else ADA,
        "consumerProject": BILLED if told else PROJECT,
        "scopes": sorted(reader.scopes if robot else writer.scopes),
        "clientId": None if robot else came["client"],
    }
    # With a service account's key gcloud asks for these too.
    besides = {OPENID, EMAIL} if robot and reader.name == "gcloud" else set()
    saw = {**call, "scopes": sorted(set(call["scopes"]) - besides)}
    assert {name: saw.get(name) for name in wanted} == wanted
    if writer.kind is None:
        (signed_in,) = (e for e in read["seen"] if e.get("grantType") == "authorization_code")
        assert signed_in["clientId"] == came["client"]
