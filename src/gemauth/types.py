"""The Gemini API's resources by their names: what `Gemini` answers and takes.

    from gemauth import Gemini, types

    with Gemini() as gemini:
        gemini.chunks.batch_create(document, [types.Chunk.of("text", {"year": 1843})])

Each name loads its module when it is first used. Beside them are the errors that only some methods
of the client raise.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gemauth.client.calls.streams import BrokenStreamError
    from gemauth.client.gemini.flows.retrieval import BatchError
    from gemauth.client.gemini.flows.waiting import FileFailedError, NotDoneError
    from gemauth.google.gemini.resources.answers import (
        AttributionSourceId,
        GenerateAnswerResponse,
        GroundingAttribution,
        GroundingPassageId,
        InputFeedback,
        SemanticRetrieverChunk,
    )
    from gemauth.google.gemini.resources.content import (
        Blob,
        Candidate,
        Content,
        ContentEmbedding,
        CountTokensResponse,
        FileData,
        FunctionCall,
        FunctionResponse,
        GenerateContentResponse,
        Part,
        PredictResponse,
        PromptFeedback,
        SafetyRating,
        UsageMetadata,
    )
    from gemauth.google.gemini.resources.file_search import FileSearchDocument, FileSearchStore
    from gemauth.google.gemini.resources.files import (
        CachedContent,
        CachedContentUsage,
        File,
        FileError,
        Operation,
    )
    from gemauth.google.gemini.resources.models import Model
    from gemauth.google.gemini.resources.permissions import GranteeType, Permission, PermissionRole
    from gemauth.google.gemini.resources.retrieval import (
        Chunk,
        ChunkData,
        ChunkState,
        Condition,
        Corpus,
        CustomMetadata,
        Document,
        MetadataFilter,
        Operator,
        RelevantChunk,
        StringList,
    )
    from gemauth.google.gemini.resources.tuned_models import (
        Hyperparameters,
        TunedModel,
        TunedModelSource,
        TunedModelState,
        TuningSnapshot,
        TuningTask,
    )

__all__ = [
    "AttributionSourceId",
    "BatchError",
    "Blob",
    "BrokenStreamError",
    "CachedContent",
    "CachedContentUsage",
    "Candidate",
    "Chunk",
    "ChunkData",
    "ChunkState",
    "Condition",
    "Content",
    "ContentEmbedding",
    "Corpus",
    "CountTokensResponse",
    "CustomMetadata",
    "Document",
    "File",
    "FileData",
    "FileError",
    "FileFailedError",
    "FileSearchDocument",
    "FileSearchStore",
    "FunctionCall",
    "FunctionResponse",
    "GenerateAnswerResponse",
    "GenerateContentResponse",
    "GranteeType",
    "GroundingAttribution",
    "GroundingPassageId",
    "Hyperparameters",
    "InputFeedback",
    "MetadataFilter",
    "Model",
    "NotDoneError",
    "Operation",
    "Operator",
    "Part",
    "Permission",
    "PermissionRole",
    "PredictResponse",
    "PromptFeedback",
    "RelevantChunk",
    "SafetyRating",
    "SemanticRetrieverChunk",
    "StringList",
    "TunedModel",
    "TunedModelSource",
    "TunedModelState",
    "TuningSnapshot",
    "TuningTask",
    "UsageMetadata",
]

_HOMES = {
    "gemauth.client.gemini.flows.retrieval": ("BatchError",),
    "gemauth.client.gemini.flows.waiting": ("FileFailedError", "NotDoneError"),
    "gemauth.client.calls.streams": ("BrokenStreamError",),
    "gemauth.google.gemini.resources.answers": (
        "AttributionSourceId",
        "GenerateAnswerResponse",
        "GroundingAttribution",
        "GroundingPassageId",
        "InputFeedback",
        "SemanticRetrieverChunk",
    ),
    "gemauth.google.gemini.resources.content": (
        "Blob",
        "Candidate",
        "Content",
        "ContentEmbedding",
        "CountTokensResponse",
        "FileData",
        "FunctionCall",
        "FunctionResponse",
        "GenerateContentResponse",
        "Part",
        "PredictResponse",
        "PromptFeedback",
        "SafetyRating",
        "UsageMetadata",
    ),
    "gemauth.google.gemini.resources.file_search": ("FileSearchDocument", "FileSearchStore"),
    "gemauth.google.gemini.resources.files": (
        "CachedContent",
        "CachedContentUsage",
        "File",
        "FileError",
        "Operation",
    ),
    "gemauth.google.gemini.resources.models": ("Model",),
    "gemauth.google.gemini.resources.permissions": ("GranteeType", "Permission", "PermissionRole"),
    "gemauth.google.gemini.resources.retrieval": (
        "Chunk",
        "ChunkData",
        "ChunkState",
        "Condition",
        "Corpus",
        "CustomMetadata",
        "Document",
        "MetadataFilter",
        "Operator",
        "RelevantChunk",
        "StringList",
    ),
    "gemauth.google.gemini.resources.tuned_models": (
        "Hyperparameters",
        "TunedModel",
        "TunedModelSource",
        "TunedModelState",
        "TuningSnapshot",
        "TuningTask",
    ),
}


if not TYPE_CHECKING:  # a checker knows these names and no other

    def __getattr__(name: str) -> object:
        """Load a name's module and return the name (PEP 562)."""
        for home, names in _HOMES.items():
            if name in names:
                from importlib import import_module

                value: object = getattr(import_module(home), name)
                globals()[name] = value
                return value
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """Return the names, loaded or not."""
    return sorted({*globals(), *__all__})
