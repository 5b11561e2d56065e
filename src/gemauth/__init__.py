"""OAuth for the Gemini API, end to end, and a local Google to run it against.

    import gemauth

    gemauth.login("client_secret.json")        # once: sign in, keep the credentials as ADC
    found = gemauth.default()                   # later: which credentials, and why
    with gemauth.Gemini(found.credentials) as gemini:
        print([model.name for model in gemini.models.list()])
    client = gemauth.sdk.for_genai()            # or in an SDK's own form: see gemauth.client.sdk

Names load when they are first used, so that importing gemauth costs next to nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gemauth import notebook as notebook  # public, though not of `import *`
    from gemauth import sdk as sdk
    from gemauth import types as types
    from gemauth.client.credentials import Credentials
    from gemauth.client.gemini import AsyncGemini, Gemini
    from gemauth.client.identity import IdentityToken
    from gemauth.client.login import (
        Proof,
        SignedIn,
        Started,
        login,
        login_async,
        login_finish,
        login_start,
    )
    from gemauth.client.revoke import Revoked, revoke
    from gemauth.client.sources.chain import Attempt, Found, default, from_token, load
    from gemauth.client.token import AccessToken
    from gemauth.errors import (
        CredentialError,
        DataError,
        Fault,
        GemauthError,
        NotFoundError,
        RefusedError,
        UnreachableError,
        UsageError,
    )
    from gemauth.google.status import StatusError
    from gemauth.version import __version__

__all__ = [
    "AccessToken",
    "AsyncGemini",
    "Attempt",
    "CredentialError",
    "Credentials",
    "DataError",
    "Fault",
    "Found",
    "GemauthError",
    "Gemini",
    "IdentityToken",
    "NotFoundError",
    "Proof",
    "RefusedError",
    "Revoked",
    "SignedIn",
    "Started",
    "StatusError",
    "UnreachableError",
    "UsageError",
    "__version__",
    "default",
    "from_token",
    "load",
    "login",
    "login_async",
    "login_finish",
    "login_start",
    "revoke",
]

_MODULES = ("notebook", "sdk", "types")  # modules themselves, and so not in __all__
_HOMES = {
    "gemauth.client.credentials": ("Credentials",),
    "gemauth.client.gemini": ("AsyncGemini", "Gemini"),
    "gemauth.client.identity": ("IdentityToken",),
    "gemauth.client.login": (
        "Proof",
        "SignedIn",
        "Started",
        "login",
        "login_async",
        "login_finish",
        "login_start",
    ),
    "gemauth.client.revoke": ("Revoked", "revoke"),
    "gemauth.client.sources.chain": ("Attempt", "Found", "default", "from_token", "load"),
    "gemauth.client.token": ("AccessToken",),
    "gemauth.errors": (
        "CredentialError",
        "DataError",
        "Fault",
        "GemauthError",
        "NotFoundError",
        "RefusedError",
        "UnreachableError",
        "UsageError",
    ),
    "gemauth.google.status": ("StatusError",),
    "gemauth.version": ("__version__",),
}


def __getattr__(name: str) -> object:
    """Load a public name's module and return the name (PEP 562)."""
    if name in _MODULES:
        from importlib import import_module

        return import_module(f"gemauth.{name}")
    for home, names in _HOMES.items():
        if name in names:
            from importlib import import_module

            value: object = getattr(import_module(home), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """Return the public names, loaded or not."""
    return sorted({*globals(), *__all__, *_MODULES})
