"""What goes into generation and embedding, and what comes out (gemini-api.md section 4).

Source: proto/gemini/content.proto and generation.proto. The classes are open: they have fields for
what programs read, the rest is in `others`. `contents` makes the API's list of turns of what people
write.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from gemauth.errors import UsageError
from gemauth.google.gemini.resources.open_resource import OpenResource

__all__ = [
    "Blob",
    "Candidate",
    "Content",
    "ContentEmbedding",
    "Contents",
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
    "contents",
    "one_content",
]


class Blob(OpenResource, frozen=True, kw_only=True):
    """Bytes with their media type, sent inline."""

    mime_type: str = ""
    data: bytes = b""


class FileData(OpenResource, frozen=True, kw_only=True):
    """A file by its `uri`, as `files.upload` returns it."""

    mime_type: str = ""
    file_uri: str = ""


class FunctionCall(OpenResource, frozen=True, kw_only=True):
    """A call that the model wants made."""

    id: str = ""
    name: str = ""
    args: dict[str, Any] | None = None


class FunctionResponse(OpenResource, frozen=True, kw_only=True):
    """What such a call returned."""

    id: str = ""
    name: str = ""
    response: dict[str, Any] | None = None


class Part(OpenResource, frozen=True, kw_only=True):
    """One part of a turn: one of text, inline data, a file, a function's call or its response.

    Others (`executableCode`, `codeExecutionResult` and what comes) are in `others`. `thought` marks
    a summary of the model's thinking; its signature must go back with the part, as it came.
    """

    text: str | None = None
    inline_data: Blob | None = None
    file_data: FileData | None = None
    function_call: FunctionCall | None = None
    function_response: FunctionResponse | None = None
    thought: bool = False
    thought_signature: bytes = b""


class Content(OpenResource, frozen=True, kw_only=True):
    """One turn of a conversation; `role` is `user` or `model`."""

    parts: tuple[Part, ...] = ()
    role: str = ""

    @property
    def text(self) -> str:
        """The text of all parts but the thoughts."""
        return "".join(part.text or "" for part in self.parts if not part.thought)


class SafetyRating(OpenResource, frozen=True, kw_only=True):
    """How probable a kind of harm is: `HARM_CATEGORY_…`, `NEGLIGIBLE` to `HIGH`."""

    category: str = ""
    probability: str = ""
    blocked: bool = False


class Candidate(OpenResource, frozen=True, kw_only=True):
    """One answer of a model; `finish_reason` is `STOP`, or says why it was cut or blocked."""

    content: Content | None = None
    finish_reason: str = ""
    finish_message: str | None = None
    index: int | None = None
    safety_ratings: tuple[SafetyRating, ...] = ()
    token_count: int = 0


class PromptFeedback(OpenResource, frozen=True, kw_only=True):
    """Why a prompt was not answered; `block_reason` is empty where it was."""

    block_reason: str = ""
    safety_ratings: tuple[SafetyRating, ...] = ()


class UsageMetadata(OpenResource, frozen=True, kw_only=True):
    """Tokens that were counted, and billed."""

    prompt_token_count: int = 0
    candidates_token_count: int = 0
    total_token_count: int = 0
    cached_content_token_count: int = 0
    tool_use_prompt_token_count: int = 0
    thoughts_token_count: int = 0


class GenerateContentResponse(OpenResource, frozen=True, kw_only=True):
    """An answer, or one part of a streamed one."""

    candidates: tuple[Candidate, ...] = ()
    prompt_feedback: PromptFeedback | None = None
    usage_metadata: UsageMetadata | None = None
    model_version: str = ""
    response_id: str = ""

    @property
    def text(self) -> str:
        """The first candidate's text, without thoughts.

        Empty where there is none: `prompt_feedback` and the candidate's `finish_reason` say why.
        """
        content = self.candidates[0].content if self.candidates else None
        return content.text if content else ""

    @property
    def function_calls(self) -> tuple[FunctionCall, ...]:
        """The calls that the first candidate wants made."""
        content = self.candidates[0].content if self.candidates else None
        parts = content.parts if content else ()
        return tuple(part.function_call for part in parts if part.function_call)


class CountTokensResponse(OpenResource, frozen=True, kw_only=True):
    """How many tokens a prompt has."""

    total_tokens: int = 0
    cached_content_token_count: int = 0


class ContentEmbedding(OpenResource, frozen=True, kw_only=True):
    """A vector for a content."""

    values: tuple[float, ...] = ()


class PredictResponse(OpenResource, frozen=True, kw_only=True):
    """What a model predicted, as JSON in the model's own form, under `predictions`."""

    @property
    def predictions(self) -> tuple[Any, ...]:
        """The predictions, each as the model writes it."""
        return tuple(self.others.get("predictions", ()))


# What people write: a text, a part, a turn (also as the API's JSON), or several of them.
Piece: TypeAlias = str | Part | Content | Mapping[str, Any]
Contents: TypeAlias = Piece | Sequence[Piece]


def contents(written: Contents) -> list[dict[str, Any]]:
    """Return turns in the API's JSON.

    Texts and parts that follow each other are one turn of the user's; a Content, and JSON with
    `parts`, is a turn of its own, other JSON is a part.

    Raises:
        UsageError: there is none, or something else in it.
    """
    pieces = [written] if isinstance(written, str | Part | Content | Mapping) else written
    turns: list[dict[str, Any]] = []
    open_turn: dict[str, Any] | None = None
    for piece in pieces:
        value = _json(piece)
        if isinstance(piece, Content) or (isinstance(piece, Mapping) and "parts" in value):
            turns.append(value)
            open_turn = None
        elif open_turn is None:
            open_turn = {"role": "user", "parts": [value]}
            turns.append(open_turn)
        else:
            open_turn["parts"].append(value)
    if not turns:
        raise UsageError("There is nothing to send: the contents are empty.")
    return turns


def one_content(written: Contents) -> dict[str, Any]:
    """Return one Content in the API's JSON, of what `contents` takes.

    Raises:
        UsageError: it is several turns, or none.
    """
    turns = contents(written)
    if len(turns) > 1:
        raise UsageError("One content is wanted here, and these are several turns.")
    return turns[0]


def _json(piece: object) -> dict[str, Any]:
    if isinstance(piece, str):
        return {"text": piece}
    if isinstance(piece, Part | Content):
        return piece.to_json()
    if isinstance(piece, Mapping):
        return dict(piece)
    raise UsageError(
        f"{type(piece).__name__} is nothing that a model can be sent.",
        next_step="Use texts, Part, Content, or the API's JSON as dictionaries.",
    )
