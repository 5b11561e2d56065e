"""The Gemini API over REST with one identity, sync and async.

    with Gemini() as gemini:
        for model in gemini.models.list():
            print(model.name)
        gemini.share("tunedModels/my-model", user="ada@example.com", role="reader")

    async with AsyncGemini() as gemini:
        async for model in gemini.models.list():
            print(model.name)

A family (`gemini.models`) is a module that is imported when it is first asked for: a program pays
for what it uses. Its class is generated from its flows (decision 0018).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Self

from gemauth.client.gemini.direct import AsyncDirect, Direct, flows
from gemauth.client.transport import AsyncTransport, Transport
from gemauth.client.world import AsyncNetwork, Network

if TYPE_CHECKING:
    from gemauth.client.credentials import Credentials
    from gemauth.client.gemini.answers import Answers, AsyncAnswers
    from gemauth.client.gemini.caches import AsyncCaches, Caches
    from gemauth.client.gemini.chunks import AsyncChunks, Chunks
    from gemauth.client.gemini.content import AsyncGeneration, Generation
    from gemauth.client.gemini.corpora import AsyncCorpora, Corpora
    from gemauth.client.gemini.documents import AsyncDocuments, Documents
    from gemauth.client.gemini.file_search_stores import AsyncFileSearchStores, FileSearchStores
    from gemauth.client.gemini.files import AsyncFiles, Files
    from gemauth.client.gemini.models import AsyncModels, Models
    from gemauth.client.gemini.operations import AsyncOperations, Operations
    from gemauth.client.gemini.permissions import AsyncPermissions, Permissions
    from gemauth.client.gemini.tuned_models import AsyncTunedModels, TunedModels
    from gemauth.client.world import AsyncSender, Sender

__all__ = ["FAMILIES", "AsyncGemini", "Gemini"]

# Each family's module here and in flows/, and its class.
FAMILIES = {
    "answers": "Answers",
    "caches": "Caches",
    "chunks": "Chunks",
    "content": "Generation",
    "corpora": "Corpora",
    "documents": "Documents",
    "file_search_stores": "FileSearchStores",
    "files": "Files",
    "models": "Models",
    "operations": "Operations",
    "permissions": "Permissions",
    "tuned_models": "TunedModels",
}


class Gemini(Direct):
    """A client of the Gemini API with one identity.

    Every method raises StatusError where the API refuses (`.status`, `.next_step`),
    CredentialError where no token can be had, UnreachableError where nothing answers.

    Args:
        credentials: who asks, and which Google; None finds them (`gemauth.default()`).
        transport: sends the requests; one that is given is not closed here.
        version: of the API: `v1`, `v1beta` or `v1alpha`.
        timeout: seconds for each call with all its attempts; None is Google's own: 600 for a
            generation, mostly 60 for the rest.
    """

    answers: Answers
    caches: Caches
    chunks: Chunks
    content: Generation
    corpora: Corpora
    documents: Documents
    file_search_stores: FileSearchStores
    files: Files
    models: Models
    operations: Operations
    permissions: Permissions
    tuned_models: TunedModels

    def __init__(
        self,
        credentials: Credentials | None = None,
        *,
        transport: Sender | None = None,
        version: str = "v1beta",
        timeout: float | None = None,
    ) -> None:
        self._own: Transport | None = None
        self.credentials = credentials or _found()
        if transport is None:
            transport = self._own = Transport()
        super().__init__(flows.Direct(self.credentials, version, timeout), Network(transport))

    if not TYPE_CHECKING:  # a checker knows the families from their annotations, and nothing else

        def __getattr__(self, name: str) -> object:
            return _family(self, "", name)

    def close(self) -> None:
        """Close the connections, where the transport is our own."""
        if self._own is not None:
            self._own.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncGemini(AsyncDirect):
    """A client of the Gemini API with one identity, on an event loop.

    Every method raises StatusError where the API refuses (`.status`, `.next_step`),
    CredentialError where no token can be had, UnreachableError where nothing answers.

    Args:
        credentials: who asks, and which Google; None finds them (`gemauth.default()`).
        transport: sends the requests; one that is given is not closed here.
        version: of the API: `v1`, `v1beta` or `v1alpha`.
        timeout: seconds for each call with all its attempts; None is Google's own: 600 for a
            generation, mostly 60 for the rest.
    """

    answers: AsyncAnswers
    caches: AsyncCaches
    chunks: AsyncChunks
    content: AsyncGeneration
    corpora: AsyncCorpora
    documents: AsyncDocuments
    file_search_stores: AsyncFileSearchStores
    files: AsyncFiles
    models: AsyncModels
    operations: AsyncOperations
    permissions: AsyncPermissions
    tuned_models: AsyncTunedModels

    def __init__(
        self,
        credentials: Credentials | None = None,
        *,
        transport: AsyncSender | None = None,
        version: str = "v1beta",
        timeout: float | None = None,
    ) -> None:
        self._own: AsyncTransport | None = None
        self.credentials = credentials or _found()
        if transport is None:
            transport = self._own = AsyncTransport()
        super().__init__(flows.Direct(self.credentials, version, timeout), AsyncNetwork(transport))

    if not TYPE_CHECKING:  # as in its twin

        def __getattr__(self, name: str) -> object:
            return _family(self, "Async", name)

    async def close(self) -> None:
        """Close the connections, where the transport is our own."""
        if self._own is not None:
            await self._own.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


def _found() -> Credentials:
    from gemauth.client.sources.chain import default

    return default().credentials


def _family(client: Any, prefix: str, name: str) -> object:  # noqa: ANN401  # either client
    """Load a family, keep it in the client and return it."""
    if name not in FAMILIES:
        raise AttributeError(f"{type(client).__name__!r} object has no attribute {name!r}")
    module = import_module(f"gemauth.client.gemini.{name}")
    do = client._do  # noqa: SLF001  # of this module
    of = getattr(module.flows, FAMILIES[name])(client.credentials, do.version, do.timeout)
    family: object = getattr(module, prefix + FAMILIES[name])(of, client._network)  # noqa: SLF001
    setattr(client, name, family)
    return family
