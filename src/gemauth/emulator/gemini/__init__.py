"""The Generative Language API over the stored resources: models, tuned models, permissions.

Owns: what a method does once its caller is let in, and which role it takes. Does not own: who
calls and from which project (`iam`), messages, routes and JSON (`gemauth.google.gemini`), and how
tuned models come to exist: the control room writes their records, until tuning itself does.
"""

from __future__ import annotations

from gemauth.emulator.gemini.routes import routes

__all__ = ["routes"]
