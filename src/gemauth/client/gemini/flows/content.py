"""Generation, counting and embedding (gemini-api.md section 4), with base and tuned models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gemauth.client.calls.streams import Stream, stream
from gemauth.client.gemini.flows.family import Family, full
from gemauth.google.gemini import methods
from gemauth.google.gemini.resources.content import (
    ContentEmbedding,
    CountTokensResponse,
    GenerateContentResponse,
    PredictResponse,
    contents,
    one_content,
)
from gemauth.google.gemini.resources.files import Operation
from gemauth.google.gemini.resources.reader import several

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gemauth.flow import Flow
    from gemauth.google.gemini.resources.content import Contents

__all__ = ["Generation"]


class Generation(Family):
    """What models do with content.

    Models are named as they are listed: `models/gemini-2.5-flash`, or without `models/`; tuned
    models always as `tunedModels/my-model`. `prompt` is a text, a `Part`, a `Content`, the API's
    JSON of one, or a list of these: texts and parts in a row are one turn of the user's.
    """

    __slots__ = ()

    def generate(
        self,
        model: str,
        prompt: Contents,
        *,
        system: Contents | None = None,
        config: Mapping[str, Any] | None = None,
        tools: Sequence[Mapping[str, Any]] = (),
        fields: Mapping[str, Any] | None = None,
        timeout: float | None = None,
    ) -> Flow[GenerateContentResponse]:
        """Return a model's answer; `.text` is its text. Tried again where it was overloaded only.

        Args:
            model: such as `gemini-2.5-flash` or `tunedModels/my-model`.
            prompt: what it answers to.
            system: the system instruction.
            config: the API's `generationConfig`, such as `{"temperature": 0.2}`.
            tools: the API's `tools`, such as `[{"codeExecution": {}}]`.
            fields: other members of the request by their JSON names, such as `safetySettings`,
                `toolConfig`, `cachedContent`.
            timeout: seconds for all attempts; None is Google's 600.
        """
        asked = _request(model, prompt, system, config, tools, fields)
        return self._one(methods.GENERATE_CONTENT, asked, GenerateContentResponse, timeout=timeout)

    def stream(
        self,
        model: str,
        prompt: Contents,
        *,
        system: Contents | None = None,
        config: Mapping[str, Any] | None = None,
        tools: Sequence[Mapping[str, Any]] = (),
        fields: Mapping[str, Any] | None = None,
        timeout: float | None = None,
    ) -> Stream[GenerateContentResponse]:
        """Yield a model's answer part by part as it comes; each part's `.text` is what is new.

        Asked with the first part that is wanted. Leaving the loop, or closing the generator, ends
        the request. An answer that breaks off raises BrokenStreamError and is not asked for again.

        Args:
            model: such as `gemini-2.5-flash` or `tunedModels/my-model`.
            prompt: what it answers to.
            system: the system instruction.
            config: the API's `generationConfig`.
            tools: the API's `tools`.
            fields: other members of the request by their JSON names.
            timeout: seconds until the answer begins, and the longest silence in it; None is 600.
        """
        asked = _request(model, prompt, system, config, tools, fields)
        method = methods.STREAM_GENERATE_CONTENT
        return Stream(
            lambda: self._explained(
                method,
                stream(
                    self.credentials,
                    method,
                    asked,
                    self.version,
                    GenerateContentResponse.from_json,
                    timeout=self._within(timeout),
                ),
            )
        )

    def count_tokens(
        self,
        model: str,
        prompt: Contents,
        *,
        system: Contents | None = None,
        config: Mapping[str, Any] | None = None,
        tools: Sequence[Mapping[str, Any]] = (),
        fields: Mapping[str, Any] | None = None,
        timeout: float | None = None,
    ) -> Flow[CountTokensResponse]:
        """Return how many tokens a prompt has, with all that `generate` would send along.

        Takes what `generate` takes; only base models count.
        """
        asked = _request(model, prompt, system, config, tools, fields)
        plain = set(asked) <= {"model", "contents"}
        body = asked if plain else {"model": asked["model"], "generateContentRequest": asked}
        return self._one(methods.COUNT_TOKENS, body, CountTokensResponse, timeout=timeout)

    def embed(
        self,
        model: str,
        prompt: Contents,
        *,
        task: str | None = None,
        title: str | None = None,
        dimensions: int | None = None,
        timeout: float | None = None,
    ) -> Flow[ContentEmbedding]:
        """Return the vector of one content.

        Args:
            model: such as `gemini-embedding-001`.
            prompt: one turn: a text, or parts.
            task: the API's `taskType`, such as `RETRIEVAL_QUERY`.
            title: of a document, with the task `RETRIEVAL_DOCUMENT`.
            dimensions: how long the vector is to be.
            timeout: seconds for all attempts; None is Google's 60.
        """
        asked = _embedding(full("models", model), prompt, task, title, dimensions)
        return self._embedded(asked, timeout)

    def embed_batch(
        self,
        model: str,
        prompts: Sequence[Contents],
        *,
        task: str | None = None,
        dimensions: int | None = None,
        timeout: float | None = None,
    ) -> Flow[tuple[ContentEmbedding, ...]]:
        """Return the vectors of several contents, in their order; arguments as `embed`'s."""
        name = full("models", model)
        asked = [_embedding(name, prompt, task, None, dimensions) for prompt in prompts]
        return self._embedded_all({"model": name, "requests": asked}, timeout)

    def predict(
        self,
        model: str,
        instances: Sequence[Any],
        *,
        parameters: Mapping[str, Any] | None = None,
        timeout: float | None = None,
    ) -> Flow[PredictResponse]:
        """Return what a model predicts for instances, both in the model's own JSON."""
        asked = _prediction(model, instances, parameters)
        return self._one(methods.PREDICT, asked, PredictResponse, timeout=timeout)

    def predict_long_running(
        self,
        model: str,
        instances: Sequence[Any],
        *,
        parameters: Mapping[str, Any] | None = None,
        timeout: float | None = None,
    ) -> Flow[Operation]:
        """Begin a prediction that takes its time; `operations.wait` waits for its end."""
        asked = _prediction(model, instances, parameters)
        return self._one(methods.PREDICT_LONG_RUNNING, asked, Operation, timeout=timeout)

    def _embedded(self, asked: Mapping[str, Any], timeout: float | None) -> Flow[ContentEmbedding]:
        body = yield from self._json(methods.EMBED_CONTENT, asked, timeout=timeout)
        return ContentEmbedding.from_json(body.get("embedding") or {})

    def _embedded_all(
        self, asked: Mapping[str, Any], timeout: float | None
    ) -> Flow[tuple[ContentEmbedding, ...]]:
        body = yield from self._json(methods.BATCH_EMBED_CONTENTS, asked, timeout=timeout)
        return several(ContentEmbedding, body, "embeddings")


def _request(
    model: str,
    prompt: Contents,
    system: Contents | None,
    config: Mapping[str, Any] | None,
    tools: Sequence[Mapping[str, Any]],
    fields: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """Return a GenerateContentRequest in JSON."""
    asked: dict[str, Any] = {"model": full("models", model), "contents": contents(prompt)}
    if system is not None:
        asked["systemInstruction"] = one_content(system)
    if config:
        asked["generationConfig"] = dict(config)
    if tools:
        asked["tools"] = [dict(tool) for tool in tools]
    return {**asked, **(fields or {})}


def _embedding(
    model: str, prompt: Contents, task: str | None, title: str | None, dimensions: int | None
) -> dict[str, Any]:
    asked = {
        "model": model,
        "content": one_content(prompt),
        "taskType": task,
        "title": title,
        "outputDimensionality": dimensions,
    }
    return {name: value for name, value in asked.items() if value is not None}


def _prediction(
    model: str, instances: Sequence[Any], parameters: Mapping[str, Any] | None
) -> dict[str, Any]:
    asked: dict[str, Any] = {"model": full("models", model), "instances": list(instances)}
    return asked if parameters is None else {**asked, "parameters": dict(parameters)}
