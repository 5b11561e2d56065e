from __future__ import annotations

from typing import Any

import pytest

from gemauth.client.gemini.flows.answers import Answers
from gemauth.errors import UsageError
from gemauth.google.gemini.resources.retrieval import MetadataFilter
from tests.client.gemini.flows.api import MINE, expects
from tests.client.transcript import play

DO = Answers(MINE)
PATH = "models/aqa:generateAnswer"
WHY = {"role": "user", "parts": [{"text": "why?"}]}
FILTER = MetadataFilter.of("chunk.custom_metadata.year", (">", 1900))


def test_from_a_corpus() -> None:
    """The question is what is looked for there."""
    asked = {
        "contents": [WHY],
        "answerStyle": "EXTRACTIVE",
        "temperature": 0.1,
        "semanticRetriever": {
            "source": "corpora/c",
            "query": WHY,
            "metadataFilters": [FILTER.to_json()],
            "maxChunksCount": 3,
            "minimumRelevanceScore": 0.5,
        },
    }
    flow = DO.generate(
        "why?",
        source="corpora/c",
        style="extractive",
        filters=[FILTER],
        max_chunks=3,
        minimum_relevance=0.5,
        temperature=0.1,
    )
    play(flow, expects("POST", PATH, asked))


def test_from_passages() -> None:
    """Texts of the caller's, and the answer says which."""
    passages = [
        {"id": "a", "content": {"role": "user", "parts": [{"text": "Because."}]}},
        {"id": "b", "content": {"role": "user", "parts": [{"text": "Why not."}]}},
    ]
    asked = {
        "contents": [WHY],
        "answerStyle": "ABSTRACTIVE",
        "inlinePassages": {"passages": passages},
    }
    source = {"groundingPassage": {"passageId": "a", "partIndex": 1}}
    answered: dict[str, Any] = {
        "answer": {
            "content": {"parts": [{"text": "Because."}], "role": "model"},
            "groundingAttributions": [
                {"sourceId": source, "content": {"parts": [{"text": "Because."}]}}
            ],
        },
        "answerableProbability": 0.75,
    }
    flow = DO.generate("why?", passages={"a": "Because.", "b": "Why not."})
    answer = play(flow, expects("POST", PATH, asked, then=answered))
    assert answer.text == "Because."
    assert answer.answerable_probability == 0.75
    (attribution,) = answer.attributions
    assert attribution.source_id is not None
    assert attribution.source_id.grounding_passage is not None
    assert attribution.source_id.grounding_passage.passage_id == "a"
    assert attribution.source_id.grounding_passage.part_index == 1
    assert answer.to_json() == answered


def test_no_answer() -> None:
    """Is an empty text; the feedback says why."""
    blocked = {"inputFeedback": {"blockReason": "SAFETY"}}
    flow = DO.generate("why?", source="corpora/c")
    retriever = {"source": "corpora/c", "query": WHY}
    asked = {"contents": [WHY], "answerStyle": "ABSTRACTIVE", "semanticRetriever": retriever}
    answer = play(flow, expects("POST", PATH, asked, then=blocked))
    assert (answer.text, answer.attributions) == ("", ())
    assert answer.input_feedback is not None
    assert answer.input_feedback.block_reason == "SAFETY"


def test_what_cannot_be() -> None:
    """Said before anything is sent."""
    with pytest.raises(UsageError, match="one of: a source, passages"):
        DO.generate("why?")
    with pytest.raises(UsageError, match="one of: a source, passages"):
        DO.generate("why?", source="corpora/c", passages={"a": "b"})
    with pytest.raises(UsageError, match="abstractive, extractive, verbose"):
        DO.generate("why?", source="corpora/c", style="short")
