"""Hand-over to SDKs: each gets gemauth's credentials in the form that it takes.

    client = gemauth.sdk.for_genai()                        # google-genai, with OAuth
    storage.Client(credentials=gemauth.sdk.for_google_auth())
    httpx.get(url, auth=gemauth.sdk.for_httpx())

One file for each SDK, which is imported only when its function is called; without credentials of
the caller's, every function takes `gemauth.default()`'s. Reached as `gemauth.sdk`; the page with
all of them is docs/sdks.md.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gemauth.client.sdk.aiohttp_auth import for_aiohttp
    from gemauth.client.sdk.google_auth import for_google_auth
    from gemauth.client.sdk.google_auth_async import for_google_auth_async
    from gemauth.client.sdk.google_genai import for_genai
    from gemauth.client.sdk.google_generativeai import for_generativeai
    from gemauth.client.sdk.httpx_auth import for_httpx
    from gemauth.client.sdk.langchain import for_langchain, for_langchain_embeddings
    from gemauth.client.sdk.litellm import for_litellm, for_litellm_async
    from gemauth.client.sdk.openai_client import for_openai, for_openai_async
    from gemauth.client.sdk.requests_auth import for_requests

__all__ = [
    "for_aiohttp",
    "for_genai",
    "for_generativeai",
    "for_google_auth",
    "for_google_auth_async",
    "for_httpx",
    "for_langchain",
    "for_langchain_embeddings",
    "for_litellm",
    "for_litellm_async",
    "for_openai",
    "for_openai_async",
    "for_requests",
]

# name: (its module here, the package that it is for, as a module and as pip knows it)
_HOMES = {
    "for_aiohttp": ("aiohttp_auth", "aiohttp", "aiohttp"),
    "for_genai": ("google_genai", "google.genai", "google-genai"),
    "for_generativeai": ("google_generativeai", "google.generativeai", "google-generativeai"),
    "for_google_auth": ("google_auth", "google.auth", "google-auth"),
    "for_google_auth_async": ("google_auth_async", "google.auth", "google-auth"),
    "for_httpx": ("httpx_auth", "httpx2", "httpx2"),
    "for_langchain": ("langchain", "langchain_google_genai", "langchain-google-genai"),
    "for_langchain_embeddings": ("langchain", "langchain_google_genai", "langchain-google-genai"),
    "for_litellm": ("litellm", "litellm", "litellm"),
    "for_litellm_async": ("litellm", "litellm", "litellm"),
    "for_openai": ("openai_client", "openai", "openai"),
    "for_openai_async": ("openai_client", "openai", "openai"),
    "for_requests": ("requests_auth", "requests", "requests"),
}


def __getattr__(name: str) -> object:
    """Load an adapter, and with it the SDK that it is for (PEP 562).

    Raises:
        UsageError: the SDK is not installed; it says what to install.
    """
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    module, package, distribution = _HOMES[name]
    try:
        value: object = getattr(import_module(f"{__name__}.{module}"), name)
    except ModuleNotFoundError as error:
        missing = (error.name or "").split(".")[0]
        if missing != package.split(".")[0]:
            raise
        from gemauth.errors import UsageError

        raise UsageError(
            f"gemauth.sdk.{name} needs the package {distribution}, which is not installed.",
            next_step=f"pip install {distribution}",
        ) from None
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return the public names, loaded or not."""
    return sorted({*globals(), *__all__})
