"""The Cloud APIs around sign-in: Service Usage, Resource Manager, IAM service accounts and keys.

Owns: those APIs' REST surface and resources. Does not own: who may (`iam`), what a token is
(`tokens`).
"""

from __future__ import annotations

from gemauth.emulator.cloud.routes import routes

__all__ = ["routes"]
