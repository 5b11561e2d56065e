"""The metadata server: what a program inside a virtual machine asks for its credentials.

Owns: `/computeMetadata/v1/`, the liveness probe at `/`, and what the machine says of itself. Does
not own: which machine there is (`control/metadata_server.py`), what a token is (`tokens`).
Source: google-oauth.md 5.6; called by every client with GCE_METADATA_HOST and GCE_METADATA_IP.
"""

from __future__ import annotations

from gemauth.emulator.metadata.routes import routes

__all__ = ["routes"]
