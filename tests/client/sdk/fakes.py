"""Credentials without a server, and SDKs that are not installed here: only what adapters touch.

That the real packages take the adapters is judged in `tests/interop/test_sdk.py`.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from gemauth.client import sdk
from gemauth.client.credentials import Credentials
from gemauth.client.token import AccessToken
from gemauth.google.endpoints import GOOGLE
from tests.client.transcript import NOON

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

    from gemauth.flow import Flow
    from gemauth.google.endpoints import Endpoints

MODELS = f"{GOOGLE.gemini}/v1beta/models"
FAR = NOON * 2  # long after any machine's clock


class Source:
    """Yields one token until it is rejected, then another; a `TokenCache`."""

    def __init__(self, *, stem: str = "ya29.a0-") -> None:
        self.stem = stem
        self.asked = 0
        self.rejected: list[str] = []
        self.error: Exception | None = None
        self.end: float | None = FAR

    def token(self, *, fresh: bool = False) -> Flow[AccessToken]:
        """Return the token that stands."""
        yield from ()
        self.asked += 1
        if self.error is not None:
            raise self.error
        return AccessToken(f"{self.stem}{len(self.rejected)}", self.end)

    def reject(self, value: str) -> None:
        """Yield it no more."""
        if value == f"{self.stem}{len(self.rejected)}":
            self.rejected.append(value)


class Plain:
    """A source that keeps nothing."""

    def __init__(self) -> None:
        self.fresh: list[bool] = []

    def token(self, *, fresh: bool = False) -> Flow[AccessToken]:
        """Return a token each time."""
        yield from ()
        self.fresh.append(fresh)
        return AccessToken(f"ya29.a0-{len(self.fresh)}", FAR)


def credentials(source: Any = None, *, endpoints: Endpoints = GOOGLE, **more: Any) -> Credentials:
    """Return a person's credentials."""
    facts = {"account": "ada@example.com", "quota_project": "paying", "path": None, **more}
    return Credentials("authorized_user", source or Source(), endpoints, **facts)


def module(name: str, **members: Any) -> ModuleType:
    """Return a module with these members."""
    made = ModuleType(name)
    vars(made).update(members)
    return made


def installed(monkeypatch: pytest.MonkeyPatch, adapter: str, *modules: ModuleType) -> Any:
    """Return an adapter's module, imported where these packages are installed."""
    for each in modules:
        monkeypatch.setitem(sys.modules, each.__name__, each)
        parent, _, name = each.__name__.rpartition(".")
        if parent in sys.modules:
            monkeypatch.setattr(sys.modules[parent], name, each, raising=False)
    forget(monkeypatch)
    return import_module(f"gemauth.client.sdk.{adapter}")


def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every adapter be imported again, now and after the test."""
    for name in [*sys.modules]:
        if name.startswith("gemauth.client.sdk.") and not name.endswith(".bearer"):
            monkeypatch.delitem(sys.modules, name)
    for name in sdk.__all__:
        monkeypatch.delitem(vars(sdk), name, raising=False)


def google_auth() -> Iterator[ModuleType]:
    """The modules of google-auth, with the interface that it documents."""

    class Base:
        def __init__(self) -> None:
            self.token: str | None = None
            self.expiry: Any = None
            self._quota_project_id: str | None = None

        @property
        def expired(self) -> bool:
            return self.expiry is not None and self.expiry.timestamp() < NOON / 2

        @property
        def valid(self) -> bool:
            return self.token is not None and not self.expired

        @property
        def quota_project_id(self) -> str | None:
            return self._quota_project_id

        def apply(self, headers: dict[str, str]) -> None:
            headers["authorization"] = f"Bearer {self.token}"
            if self.quota_project_id:
                headers["x-goog-user-project"] = self.quota_project_id

    class Scoped:
        def __init__(self) -> None:
            super().__init__()
            self._scopes: Any = None

        @property
        def scopes(self) -> Any:
            return self._scopes

    class RefreshError(Exception):
        def __init__(self, *words: Any, retryable: bool = False) -> None:
            super().__init__(*words)
            self.retryable = retryable

    interface = module("google.auth.credentials", Scoped=Scoped, CredentialsWithQuotaProject=Base)
    exceptions = module("google.auth.exceptions", RefreshError=RefreshError)
    yield module("google.auth", credentials=interface, exceptions=exceptions)
    yield interface
    yield exceptions
