"""Answers with their sources, by the question-answering model (gemini-api.md section 8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gemauth.client.gemini.flows.family import Family, full
from gemauth.errors import UsageError
from gemauth.google.gemini import methods
from gemauth.google.gemini.resources.answers import GenerateAnswerResponse
from gemauth.google.gemini.resources.content import contents, one_content

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gemauth.flow import Flow
    from gemauth.google.gemini.resources.content import Contents
    from gemauth.google.gemini.resources.retrieval import MetadataFilter

__all__ = ["Answers"]

_STYLES = ("abstractive", "extractive", "verbose")


class Answers(Family):
    """Answers that are taken from a corpus, a document or given passages, and say from where."""

    __slots__ = ()

    def generate(
        self,
        question: Contents,
        *,
        source: str | None = None,
        passages: Mapping[str, str] | None = None,
        style: str = "abstractive",
        filters: Sequence[MetadataFilter] = (),
        max_chunks: int | None = None,
        minimum_relevance: float | None = None,
        temperature: float | None = None,
        model: str = "models/aqa",
    ) -> Flow[GenerateAnswerResponse]:
        """Answer a question from a source.

        Google took the pages on this model away; the method was still listed in September 2026.

        Args:
            question: in English; the last turn, where it is a conversation, is what is looked for.
            source: `corpora/my-corpus` or one of its documents; this or `passages`.
            passages: texts to answer from, by ids of your own.
            style: `abstractive` (short, in its own words), `extractive` (quotes) or `verbose`.
            filters: on the metadata of documents and chunks; with `source`.
            max_chunks: how many chunks to answer from, at most; with `source`.
            minimum_relevance: of a chunk, 0 to 1; with `source`.
            temperature: 0 to 1.
            model: the only one that this method knows.
        """
        turns = contents(question)
        fields: dict[str, Any] = {
            "model": full("models", model),
            "contents": turns,
            "answerStyle": _style(style),
            "temperature": temperature,
        }
        if (source is None) == (passages is None):
            raise UsageError("An answer is taken from one of: a source, passages.")
        if passages is not None:
            given = [{"id": key, "content": one_content(text)} for key, text in passages.items()]
            fields["inlinePassages"] = {"passages": given}
        else:
            retriever = {
                "source": source,
                "query": turns[-1],
                "metadataFilters": [each.to_json() for each in filters] or None,
                "maxChunksCount": max_chunks,
                "minimumRelevanceScore": minimum_relevance,
            }
            fields["semanticRetriever"] = {k: v for k, v in retriever.items() if v is not None}
        return self._one(methods.GENERATE_ANSWER, fields, GenerateAnswerResponse)


def _style(style: str) -> str:
    if style.lower() not in _STYLES:
        raise UsageError(f"{style!r} is no style: {', '.join(_STYLES)}.")
    return style.upper()
