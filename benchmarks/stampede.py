"""What an expired token costs when all want it at once: `python -m benchmarks.stampede [ROUNDS]`.

An emulator whose token endpoint takes 200 ms, and processes that are loaded, ready with all their
callers, and told to ask in one moment. Printed are the requests that the token endpoint got in one
round, and how long the last caller waited for its token beyond what the endpoint itself took (the
200 ms, and the emulator on the same cores): median and best, since whatever else the machine does
adds to it. What the same callers take for a token that is good still shows how much that is.
google-auth stands beside it where .venv-interop is: it keeps no token in a file.

Targets (issue 4; perf-baselines.md section 9): exactly 1 request, the server's delay + 50 ms.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

from gemauth.testing.emulator import EmulatorProcess
from tests.client.stampede import Fleet, Kind, Machine, Slow

DELAY = 0.2
ROUNDS = 9
INTEROP = Path(__file__).parents[1] / ".venv-interop" / "bin" / "python"

GOOD = "gemauth, 8 processes of 32 threads, a good token"
# name, how they ask, processes, callers in each
VARIANTS: tuple[tuple[str, Kind, int, int], ...] = (
    ("gemauth, 32 threads", "threads", 1, 32),
    ("gemauth, 32 threads, each default()", "own", 1, 32),
    ("gemauth, 32 tasks", "tasks", 1, 32),
    ("gemauth, 8 processes", "threads", 8, 1),
    ("gemauth, 8 processes of 32 threads", "threads", 8, 32),
    ("gemauth, 8 processes of 32 tasks", "tasks", 8, 32),
    (GOOD, "threads", 8, 32),
    ("google-auth, 32 threads", "google-auth", 1, 32),
    ("google-auth, 8 processes", "google-auth", 8, 1),
    ("google-auth, 8 processes of 32 threads", "google-auth", 8, 32),
)


def main(rounds: int = ROUNDS) -> None:
    """Run all variants in turn, round after round, and print."""
    variants = [line for line in VARIANTS if line[1] != "google-auth" or INTEROP.exists()]
    requests: dict[str, list[int]] = {name: [] for name, *_ in variants}
    late: dict[str, list[float]] = {name: [] for name, *_ in variants}
    with (
        tempfile.TemporaryDirectory() as home,
        EmulatorProcess() as emulator,
        Slow(emulator.address, DELAY) as slow,
    ):
        machine = Machine(Path(home), slow)
        for _ in range(rounds):
            for name, kind, processes, callers in variants:
                if name != GOOD:  # which has that of the round before
                    machine.expire()
                before = slow.requests
                python = str(INTEROP) if kind == "google-auth" else sys.executable
                with Fleet(
                    machine, processes=processes, callers=callers, kind=kind, python=python
                ) as fleet:
                    outcome = fleet.go()
                assert not outcome.errors, outcome.errors[0]
                assert len(outcome.tokens) == processes * callers
                requests[name].append(slow.requests - before)
                took = 0.0 if name == GOOD else slow.took
                late[name].append((outcome.seconds - took) * 1000)
    for name, counts in requests.items():
        few, many = min(counts), max(counts)
        told = str(few) if few == many else f"{few} to {many}"
        median, best = statistics.median(late[name]), min(late[name])
        waited = "           " if name == GOOD else "the delay +"
        print(  # noqa: T201  # the script's output
            f"{name:50} {told:>10} requests, {waited} {median:4.0f} ms (best {best:4.0f})"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
