"""A person at a browser, for tests: `gemauth.run.person` under the name that tests know."""

from __future__ import annotations

from gemauth.run.person import Person, SignInBlockedError

__all__ = ["Person", "SignInBlockedError"]
