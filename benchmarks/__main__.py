"""Everything that issue 4 says about speed, in one run: `make bench`, or `python -m benchmarks`.

Whole processes, calls in one process and the stampede; beside ours gcloud, google-auth, oauth2l
(found on PATH or named by OAUTH2L) and Google's SDKs, where this machine has them. Ends with the
targets that were missed, and exit code 1 if there are any. `python -m benchmarks.processes 31` and
the like measure one part for longer.
"""

from __future__ import annotations

import sys

from benchmarks import calls, processes, stampede


def main() -> int:
    """Measure, print, and return the exit code."""
    missed = [*processes.main(), *calls.main()]
    stampede.main()
    for name in missed:
        print(f"missed: {name}")  # noqa: T201  # the script's output
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
