"""Runs inside a run: programs one after the other; then says what became of each, as JSON.

    python driver.py PLAN WORD=TEXT...

PLAN is a JSON list of {"name", "lines", "environ"}; the first is the writer, and what it leaves in
HOME and the working folder is the others'. Words in braces stand for texts. What the emulator saw
is told for each.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

LEDGER = os.environ["GEMAUTH_EMULATOR"] + "/_emulator/v1/requests"
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def seen(after: int) -> list[dict[str, Any]]:
    """Return the requests that the emulator has answered since the one of that number."""
    with DIRECT.open(LEDGER) as answer:
        requests = json.load(answer)["requests"]
    return [each for each in requests if each["number"] > after]


def main(plan: list[dict[str, Any]], words: dict[str, str]) -> None:
    """Run the programs."""
    client = json.loads(Path(os.environ["GEMAUTH_RUN"], "client_secret.json").read_text())
    done: dict[str, Any] = {"client": client["installed"]["client_id"]}
    # Node's and Go's libraries know the well-known place in HOME, and no CLOUDSDK_CONFIG.
    environ = {name: value for name, value in os.environ.items() if name != "CLOUDSDK_CONFIG"}
    for step in plan:
        before = max((each["number"] for each in seen(0)), default=0)
        ended = subprocess.run(
            ["sh", "-euc", "\n".join(step["lines"]).format(**words)],
            env={**environ, **step["environ"]},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        done[step["name"]] = {
            "code": ended.returncode,
            "said": ended.stdout + ended.stderr,
            "seen": seen(before),
        }
    json.dump(done, sys.stdout)


if __name__ == "__main__":
    _, path, *given = sys.argv
    main(
        json.loads(Path(path).read_text(encoding="utf-8")),
        dict(word.split("=", 1) for word in given),
    )
