"""Open a page in the audience's own browser: the demo's commands live in another home."""

from __future__ import annotations

import json
import os
import sys
import webbrowser

for name, value in json.loads(os.environ.pop("DEMO_AUDIENCE")).items():
    os.environ.pop(name, None)
    if value is not None:
        os.environ[name] = value
sys.exit(not webbrowser.open_new_tab(sys.argv[1]))
