"""langchain-google-genai: its chat models and embeddings for the Gemini Developer API, with OAuth.

    chat = gemauth.sdk.for_langchain("gemini-2.5-flash", temperature=0)
    embeddings = gemauth.sdk.for_langchain_embeddings("gemini-embedding-001")

The package takes the environment's key; given `credentials` it calls Vertex AI instead. It does
hold a client of google-genai, though, and here that is ours (`google_genai.py`). It is put in by
the model's own validation, so that models which LangChain makes of this one have it too.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from langchain_google_genai import ChatGoogleGenerativeAI, GoogleGenerativeAIEmbeddings
from pydantic import Field, model_validator

from gemauth.client.sdk.bearer import NO_KEY, Bearer
from gemauth.errors import UsageError

if TYPE_CHECKING:
    from gemauth.client.credentials import Credentials

__all__ = ["for_langchain", "for_langchain_embeddings"]

_OURS = ("api_key", "google_api_key", "vertexai", "project", "location", "client")


def for_langchain(
    model: str, credentials: Credentials | None = None, **more: object
) -> ChatGoogleGenerativeAI:
    """Return a chat model; no key of the environment's or of Vertex AI's is used.

    Args:
        model: such as `gemini-2.5-flash`.
        credentials: who asks; None takes `gemauth.default()`'s.
        more: other arguments of `ChatGoogleGenerativeAI`.

    Raises:
        UsageError: among them is one that says who asks.
    """
    return _Chat(model=model, **_arguments(credentials, more))


def for_langchain_embeddings(
    model: str, credentials: Credentials | None = None, **more: object
) -> GoogleGenerativeAIEmbeddings:
    """Return embeddings; arguments and errors as `for_langchain`."""
    return _Embeddings(model=model, **_arguments(credentials, more))


def _arguments(credentials: Credentials | None, more: dict[str, object]) -> dict[str, Any]:
    for name in _OURS:
        if name in more:
            raise UsageError(
                f"{name} is gemauth's part of the model.",
                next_step="Leave it out, or make the model without gemauth.",
            )
    bearer = Bearer(credentials)
    # Said here, so that the environment's is not asked: of the key, and whether Vertex AI is meant.
    return {**more, "google_api_key": NO_KEY, "vertexai": False, "gemauth": bearer.credentials}


def _client(model: Any) -> Any:  # noqa: ANN401  # a google.genai.Client
    """Return our client, with the options that the package gives to the one it has made."""
    from gemauth.client.sdk.google_genai import for_genai

    model.client.close()
    base = model.base_url
    agent = f"langchain-google-genai/{version('langchain-google-genai')}-{type(model).__name__}"
    options = {
        "base_url": base["api_endpoint"] if isinstance(base, dict) else base,
        "api_version": model.api_version,
        "headers": {"user-agent": agent, **(model.additional_headers or {})},
        "client_args": model.client_args,
        "async_client_args": model.client_args,
    }
    return for_genai(model.gemauth, http_options=options)


class _Chat(ChatGoogleGenerativeAI):  # type: ignore[misc]  # langchain-google-genai is not installed here
    gemauth: Any = Field(default=None, exclude=True, repr=False)
    _client_cleanup: Any

    @model_validator(mode="after")  # type: ignore[untyped-decorator]  # neither is pydantic
    def _gemauth_client(self) -> _Chat:
        self.client = _client(self)
        self._client_cleanup = type(self._client_cleanup)(self.client)
        return self


class _Embeddings(GoogleGenerativeAIEmbeddings):  # type: ignore[misc]  # as above
    gemauth: Any = Field(default=None, exclude=True, repr=False)

    @model_validator(mode="after")  # type: ignore[untyped-decorator]  # as above
    def _gemauth_client(self) -> _Embeddings:
        self.client = _client(self)
        return self


for _class in (_Chat, _Embeddings):  # tracing and error messages name a model by its class
    _class.__name__ = _class.__qualname__ = _class.__base__.__name__
