"""How much more than a bare Python start `gemauth` costs: `python -m benchmarks.startup [ROUNDS]`.

Each round runs every variant once, in turn, so that noise of the machine meets all of them; the
CPU seconds (user and system, of the child alone) of a round are divided by those of
`python -c pass` in the same round. Printed are medians of those ratios. Not a test: it measures.
The target for a cached token is 1.15 (reference: perf-baselines.md section 9).

Installers write the script `gemauth` differently: pip's before 26 imports re first, which alone
is half a Python start. `entry point` is the script as newer ones write it.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from time import time

from gemauth.client.cache.tokens import entry, store
from gemauth.client.token import AccessToken

BASE = "python -c pass"
ENTRY_POINT = "import sys\nfrom gemauth.cli.main import main\nsys.exit(main())\n"


def variants(entry_point: str) -> dict[str, list[str]]:
    """Return the command lines to compare; `entry_point` is a file with ENTRY_POINT in it."""
    python, gemauth = sys.executable, str(Path(sys.executable).with_name("gemauth"))
    return {
        BASE: [python, "-c", "pass"],
        "entry point, print-access-token (cached)": [python, entry_point, "print-access-token"],
        "gemauth print-access-token (cached)": [gemauth, "print-access-token"],
        "python -m gemauth print-access-token": [python, "-m", "gemauth", "print-access-token"],
        "gemauth --version": [gemauth, "--version"],
        "gemauth --help": [gemauth, "--help"],
        "gemauth models list --help": [gemauth, "models", "list", "--help"],
        "python -c 'import gemauth'": [python, "-c", "import gemauth"],
        "python -c 'import argparse'": [python, "-c", "import argparse"],
    }


def cpu_seconds(command: list[str]) -> float:
    """Run a command and return the CPU seconds that it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603  # our own
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def measure(rounds: int, entry_point: str) -> dict[str, float]:
    """Return each variant's median ratio to a bare start."""
    commands = variants(entry_point)
    ratios: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(-2, rounds):
        seconds = {name: cpu_seconds(command) for name, command in commands.items()}
        if number >= 0:  # the first two warm the disk's cache and __pycache__
            for name, spent in seconds.items():
                ratios[name].append(spent / seconds[BASE])
    return {name: statistics.median(values) for name, values in ratios.items()}


def main() -> None:
    """Put a cached token into a home of its own, measure, print."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 31
    with tempfile.TemporaryDirectory() as home:
        credentials = Path(home, "credentials.json")
        credentials.write_bytes(b'{"type": "authorized_user"}')
        for name in ("GEMAUTH_EMULATOR", "XDG_CONFIG_HOME", "PYTHONDONTWRITEBYTECODE"):
            os.environ.pop(name, None)
        os.environ |= {
            "HOME": home,
            "GOOGLE_APPLICATION_CREDENTIALS": str(credentials),
        }
        place = entry(os.environ, credentials.read_bytes(), (), "")
        assert place is not None
        store(place, AccessToken("ya29.emu-benchmark", time() + 3600))
        script = Path(home, "entry_point.py")
        script.write_text(ENTRY_POINT)
        for name, ratio in measure(rounds, str(script)).items():
            print(f"{ratio:6.2f} x  {name}")  # noqa: T201  # the script's output


if __name__ == "__main__":
    main()
