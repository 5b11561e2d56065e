"""Each client's requests for a job are as recorded, and differ from ours where the table says."""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tests.interop.clients.conftest import World, clean_environment
from tests.interop.local_google import Emulator, Google
from tests.interop.wire.differences import OBSERVED, observed
from tests.interop.wire.fields import fields
from tests.interop.wire.jobs import CLIENTS, JOBS, PROGRAMS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.interop.wire.jobs import Job

pytestmark = [pytest.mark.interop, pytest.mark.timeout(180)]

RECORD = os.environ.get("RECORD_WIRE")
"""Set to write observed.json anew instead of comparing (CONTRIBUTING.md)."""


class Wire:
    """A world whose emulator writes down what it is asked; each program runs once."""

    def __init__(self, world: World, log: Path) -> None:
        self._world = world
        self._log = log
        self._requests: dict[tuple[str, str], list[dict[str, Any]]] = {}

    def requests(self, client: str, program: str) -> list[dict[str, Any]]:
        """Return a program's requests, in their order."""
        key = client, program
        if key not in self._requests:
            before = len(self._lines())
            outcome = self._world.run(PROGRAMS[key], isolate=False)
            assert outcome.exit_code == 0, outcome.story
            self._requests[key] = [json.loads(line) for line in self._lines()[before:]]
        return self._requests[key]

    def _lines(self) -> list[str]:
        return self._log.read_text(encoding="utf-8").splitlines()


@pytest.fixture(scope="module")
def wire(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    """A recording emulator with a project, people and a service account in it."""
    folder = tmp_path_factory.mktemp("wire")
    log = folder / "requests.jsonl"
    with Emulator(clean_environment(folder), log=log) as emulator:
        google = Google(emulator)
        yield Wire(World(google, folder, ""), log)
        google.close()
        assert not [line for line in emulator.log if line.startswith("defect")]


ROWS = [(job, client) for job in JOBS for client in CLIENTS if job.of(client) is not None]


@pytest.mark.parametrize(("job", "client"), ROWS, ids=[f"{job.name}-{c}" for job, c in ROWS])
def test_what_a_client_sends(job: Job, client: str, wire: Wire) -> None:
    """A client's request has the fields that the table of differences was made of."""
    case = job.of(client)
    assert case is not None
    if case.needs is not None and shutil.which(case.needs) is None:
        pytest.skip(f"{case.needs} is not installed")
    request = job.request(wire.requests(case.client, case.job))
    sent = fields(request, in_browser=job.in_browser)
    if RECORD:
        _record(job.name, client, sent)
    assert observed()[job.name][client] == sent


def _record(job: str, client: str, sent: Mapping[str, str]) -> None:
    known = observed()
    known.setdefault(job, {})[client] = dict(sent)
    ordered = {
        each.name: {name: known[each.name][name] for name in CLIENTS if name in known[each.name]}
        for each in JOBS
        if each.name in known
    }
    text = json.dumps(ordered, indent=1, sort_keys=False, ensure_ascii=False)
    OBSERVED.write_text(f"{text}\n", encoding="utf-8")
