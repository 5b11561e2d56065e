"""What the question-answering model (aqa) answers, and from where (gemini-api.md section 8).

Source: `GenerateAnswerResponse` and `GroundingAttribution` of proto/gemini/generation.proto.
"""

from __future__ import annotations

from gemauth.google.gemini.resources.content import Candidate, Content, SafetyRating  # noqa: TC001  # read at run time
from gemauth.google.gemini.resources.open_resource import OpenResource

__all__ = [
    "AttributionSourceId",
    "GenerateAnswerResponse",
    "GroundingAttribution",
    "GroundingPassageId",
    "InputFeedback",
    "SemanticRetrieverChunk",
]


class GroundingPassageId(OpenResource, frozen=True, kw_only=True):
    """One of the passages that came with the question, and which of its parts."""

    passage_id: str = ""
    part_index: int = 0


class SemanticRetrieverChunk(OpenResource, frozen=True, kw_only=True):
    """A chunk that was found: the corpus or document that was asked, and the chunk's name."""

    source: str = ""
    chunk: str = ""


class AttributionSourceId(OpenResource, frozen=True, kw_only=True):
    """Where a part of an answer comes from: one of the two."""

    grounding_passage: GroundingPassageId | None = None
    semantic_retriever_chunk: SemanticRetrieverChunk | None = None


class GroundingAttribution(OpenResource, frozen=True, kw_only=True):
    """A source of an answer, and what stands there."""

    source_id: AttributionSourceId | None = None
    content: Content | None = None


class InputFeedback(OpenResource, frozen=True, kw_only=True):
    """Why a question was not answered: `SAFETY` or `OTHER`."""

    block_reason: str | None = None
    safety_ratings: tuple[SafetyRating, ...] = ()


class GenerateAnswerResponse(OpenResource, frozen=True, kw_only=True):
    """An answer; `answerable_probability` is how probable it is that the sources hold one, 0 to 1.

    `input_feedback` says why a question was not answered.
    """

    answer: Candidate | None = None
    answerable_probability: float | None = None
    input_feedback: InputFeedback | None = None

    @property
    def text(self) -> str:
        """The answer's text, empty where there is none."""
        content = self.answer.content if self.answer else None
        return content.text if content else ""

    @property
    def attributions(self) -> tuple[GroundingAttribution, ...]:
        """What the answer is taken from."""
        found = self.answer.others.get("groundingAttributions", ()) if self.answer else ()
        return tuple(GroundingAttribution.from_json(each) for each in found)
