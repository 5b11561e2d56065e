"""How long the emulator takes from the start of its process to its first answer.

    python -m benchmarks.emulator_start [RUNS]

Printed as a multiple of `python -c pass` on the same machine, since seconds differ between
machines and the ratio hardly does; the target is under half a second (design decision 11).
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

RUNS = 10


def bare() -> float:
    """Return the seconds that `python -c pass` takes."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    return time.perf_counter() - start


def emulator(*arguments: str) -> tuple[float, float]:
    """Return the seconds until an emulator is announced, and until it has answered."""
    command = [sys.executable, "-m", "gemauth", "emulator", "start", "--port", "0"]
    start = time.perf_counter()
    with subprocess.Popen(  # noqa: S603  # our own command
        [*command, "--format", "json", *arguments], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        address = json.loads(process.stdout.readline())["address"]
        announced = time.perf_counter() - start
        with urllib.request.urlopen(f"{address}/_emulator/v1/status") as answer:  # noqa: S310  # loopback
            answer.read()
        answered = time.perf_counter() - start
        process.terminate()
    return announced, answered


def main() -> None:
    """Measure and print."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else RUNS
    base = statistics.median(bare() for _ in range(runs))
    lines = [f"{'python -c pass':28} {base * 1000:6.0f} ms   1.0"]
    with tempfile.TemporaryDirectory() as folder:
        kinds = {
            "in memory": ("--in-memory",),
            "data folder": ("--data", str(Path(folder) / "data")),
        }
        for name, arguments in kinds.items():
            times = [emulator(*arguments) for _ in range(runs)]
            for what, index in (("announced", 0), ("answered", 1)):
                median = statistics.median(pair[index] for pair in times)
                row = f"{f'{name}, {what}':28} {median * 1000:6.0f} ms  {median / base:4.1f}"
                lines.append(row)
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
