"""google-generativeai (ended by Google in 2025, still used): `gemauth.sdk.for_generativeai()`.

It takes API keys from the environment even where it is given credentials, and then refuses to make
any client; here the credentials win.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import google.generativeai as genai
from google.api_core.client_options import ClientOptions

from gemauth.client.sdk.bearer import Bearer, leads_to
from gemauth.client.sdk.google_auth import GoogleAuthCredentials

if TYPE_CHECKING:
    from gemauth.client.credentials import Credentials

__all__ = ["for_generativeai"]


def for_generativeai(
    credentials: Credentials | None = None, *, transport: str | None = None, **more: object
) -> None:
    """Configure google.generativeai with credentials; None takes `gemauth.default()`'s.

    `upload_file` needs an API key in that package, whoever signs in (gemini-api.md section 12).

    Args:
        credentials: who asks.
        transport: `rest`, `grpc` or `grpc_asyncio`; None takes the package's own (grpc), and
            for an emulator `rest`, which needs no certificate. In `gemauth emulator run` an
            emulator needs neither: Google's address leads there.
        more: other arguments of `google.generativeai.configure`.
    """
    bearer = Bearer(credentials)
    endpoints = bearer.credentials.endpoints
    options = ClientOptions()
    if endpoints.is_emulator and not leads_to(endpoints, bearer.environ):
        transport = transport or "rest"
        by_name = f"localhost:{endpoints.gemini.rpartition(':')[2]}"  # as its certificate has it
        options.api_endpoint = endpoints.gemini if transport == "rest" else by_name
    genai.configure(
        credentials=GoogleAuthCredentials(bearer),
        transport=transport,
        client_options=options,
        **more,
    )
    options.api_key = None  # what it took from GEMINI_API_KEY or GOOGLE_API_KEY
