"""`python -P -m gemauth.cli.gcloud`: what the script `gcloud` of a run executes."""

from __future__ import annotations

import sys

from gemauth.cli.gcloud.main import main

if __name__ == "__main__":
    sys.exit(main())
