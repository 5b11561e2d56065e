"""`python -m gemauth`: the same as the command `gemauth`."""

from __future__ import annotations

import sys

from gemauth.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
