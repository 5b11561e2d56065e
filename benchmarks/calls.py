"""Calls in one process, theirs and ours: list-models calls for each second of the client's CPU.

    python -m benchmarks.calls [ROUNDS]

Every client is a process of its own (`benchmarks/caller.py`) that stays, warm, with its connections
open. Each round has every client make its calls, in turn, so that noise of the machine meets all of
them alike; the CPU seconds that a client itself took for one call (not the server's) are compared
within the round. Printed are medians, over plain HTTP and over HTTPS. Ours are authorized and
return typed models; AuthorizedSession's are parsed JSON, google-genai's its own models.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.setting import INTEROP, ROOT, TOKEN, Setting

if TYPE_CHECKING:
    from collections.abc import Mapping

ROUNDS = 15
# name, calls in each round: for each about a fifth of a second, so that what the others' turns have
# left cold weighs alike; who is compared with whom comes next to him
CLIENTS = {
    "AuthorizedSession": 200,
    "gemauth": 1000,
    "google-genai": 24,
    "gemauth-async": 1000,
    "google-genai-async": 32,
}
# of whom, compared with whom, at least so many times the calls, over HTTP and over HTTPS; nobody
# has set a target for many in flight over HTTPS, where both clients have asyncio's TLS to pay
TARGETS = (
    ("gemauth", "AuthorizedSession", {"HTTP": 3.0, "HTTPS": 3.0}),
    ("gemauth", "google-genai", {"HTTP": 20.0, "HTTPS": 20.0}),
    ("gemauth-async", "google-genai-async", {"HTTP": 40.0}),
)


class Caller:
    """One client's process."""

    def __init__(self, kind: str, url: str, token: str, environ: Mapping[str, str]) -> None:
        python = sys.executable if kind.startswith("gemauth") else str(INTEROP)
        self.process = subprocess.Popen(  # noqa: S603  # our own
            [python, str(ROOT / "benchmarks" / "caller.py"), kind, url, token],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=dict(environ),
        )

    def microseconds(self, calls: int) -> float:
        """Return the CPU microseconds of one call, of so many."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{calls}\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline()) / calls * 1e6

    def close(self) -> None:
        """Let it end."""
        self.process.communicate(timeout=10)


def measure(
    rounds: int, url: str, token: str, environ: Mapping[str, str]
) -> dict[str, list[float]]:
    """Return the CPU microseconds of a call, of each client in each round."""
    kinds = [kind for kind in CLIENTS if kind.startswith("gemauth") or INTEROP.exists()]
    callers = {kind: Caller(kind, url, token, environ) for kind in kinds}
    spent: dict[str, list[float]] = {kind: [] for kind in kinds}
    try:
        for number in range(-1, rounds):
            for kind, caller in callers.items():
                cost = caller.microseconds(CLIENTS[kind])
                if number >= 0:  # the first loads modules and opens connections
                    spent[kind].append(cost)
    finally:
        for caller in callers.values():
            caller.close()
    return spent


def report(spent: Mapping[str, list[float]], how: str) -> list[str]:
    """Print one way's figures, and return the names of the targets that were missed."""
    missed = []
    for kind, costs in spent.items():
        cost = statistics.median(costs)
        print(f"{how:6} {kind:20} {cost:7.0f} µs of CPU a call, {1e6 / cost:6.0f} calls/CPU-s")  # noqa: T201
    for ours, theirs, targets in TARGETS:
        if theirs in spent:
            ratio = statistics.median(
                peer / own for own, peer in zip(spent[ours], spent[theirs], strict=True)
            )
            target = targets.get(how)
            held = target is None or ratio >= target
            missed += [] if held else [f"{how}: {ours} against {theirs}"]
            wanted = "" if target is None else f"  target {target:g}{'' if held else ': MISSED'}"
            print(f"{how:6} {ratio:6.2f} x the calls of {theirs}{wanted}")  # noqa: T201
    return missed


def main(rounds: int = ROUNDS) -> list[str]:
    """Measure, print, and return the names of the targets that were missed."""
    print(f"List-models calls (50 models, 40 KB) in one process; medians of {rounds} rounds")  # noqa: T201
    with tempfile.TemporaryDirectory() as home, Setting(Path(home)) as setting:
        google = "https://generativelanguage.googleapis.com"
        missed = report(
            measure(rounds, setting.proxy, "ya29.emu-benchmark", setting.bundled), "HTTP"
        )
        return missed + report(measure(rounds, google, TOKEN, setting.bundled), "HTTPS")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
