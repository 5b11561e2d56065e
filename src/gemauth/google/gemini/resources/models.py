"""Base models (gemini-api.md section 4)."""

from __future__ import annotations

from gemauth.google.gemini.resources.resource import Resource

__all__ = [
    "Model",
]


class Model(Resource, frozen=True, kw_only=True):
    """A base model; `name` is `models/{id}`."""

    name: str = ""
    base_model_id: str = ""
    version: str = ""
    display_name: str = ""
    description: str = ""
    input_token_limit: int = 0
    output_token_limit: int = 0
    supported_generation_methods: tuple[str, ...] = ()
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    max_temperature: float | None = None
    thinking: bool = False
