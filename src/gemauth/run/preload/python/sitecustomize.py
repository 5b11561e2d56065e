"""Loads gemauth's preload at the start of a Python, and then the sitecustomize that it shadows.

This folder stands first on PYTHONPATH inside `gemauth emulator run`. Whatever goes wrong here, the
program must start: GEMAUTH_DEBUG=1 shows what did. Read by Python's `site`, of any version.
"""

import os
import sys


def _load():
    if sys.version_info < (3, 8):
        return
    try:
        import gemauth_preload

        gemauth_preload.install()
    except Exception:
        if os.environ.get("GEMAUTH_DEBUG") == "1":
            import traceback

            traceback.print_exc()


def _go_on():
    """Import the next sitecustomize on sys.path, as if this folder were not there."""
    here = os.path.dirname(os.path.abspath(__file__))
    places = [at for at, entry in enumerate(sys.path) if os.path.abspath(entry) == here]
    if not places:
        return
    entry = sys.path.pop(places[0])
    ours = sys.modules.pop(__name__)
    try:
        import sitecustomize  # noqa: F401
    except ImportError as error:
        if getattr(error, "name", "sitecustomize") != "sitecustomize":
            raise
    finally:
        sys.path.insert(min(places[0], len(sys.path)), entry)
        sys.modules.setdefault(__name__, ours)


_load()
_go_on()
