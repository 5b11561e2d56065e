"""A stand-in for gcloud inside `gemauth emulator run`: the parts that sign in and tell tokens.

The script `gcloud` on the run's PATH is `python -P -m gemauth.cli.gcloud`. It takes gcloud's own
flags, keeps to its contract (a token alone on stdout, talk on stderr, files where gcloud keeps
them, exit codes 1 and 2) and does the work with gemauth's client against the emulator. Whatever it
does not understand it refuses: it never pretends. google-oauth.md section 7.
"""

from __future__ import annotations
