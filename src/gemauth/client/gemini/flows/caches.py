"""Cached contents: prompts that are kept at Google's for a while (gemini-api.md section 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gemauth.client.gemini.flows.family import Family, full
from gemauth.errors import UsageError
from gemauth.google.gemini import methods
from gemauth.google.gemini.resources.content import contents, one_content
from gemauth.google.gemini.resources.files import CachedContent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gemauth.client.calls.paging import Pages
    from gemauth.flow import Flow
    from gemauth.google.gemini.resources.content import Contents

__all__ = ["Caches"]


class Caches(Family):
    """Cached contents; a generation names one with `fields={"cachedContent": name}`."""

    __slots__ = ()

    def list(self, *, page_size: int | None = None) -> Pages[CachedContent]:
        """Yield every cached content of the project."""
        fields = {"pageSize": page_size}
        return self._pages(methods.LIST_CACHED_CONTENTS, fields, "cachedContents", CachedContent)

    def get(self, name: str) -> Flow[CachedContent]:
        """Return one cached content, such as `cachedContents/abc`; not what it holds."""
        return self._one(methods.GET_CACHED_CONTENT, {"name": _full(name)}, CachedContent)

    def create(
        self,
        model: str,
        prompt: Contents | None = None,
        *,
        system: Contents | None = None,
        tools: Sequence[Mapping[str, Any]] = (),
        ttl: float | None = None,
        expire_time: str | None = None,
        display_name: str | None = None,
        fields: Mapping[str, Any] | None = None,
    ) -> Flow[CachedContent]:
        """Keep a prompt for the generations of one model.

        Args:
            model: the one that may use it, such as `gemini-2.5-flash`.
            prompt: what is kept; as `generate` takes it.
            system: the system instruction.
            tools: the API's `tools`.
            ttl: seconds to keep it; the API's default is an hour.
            expire_time: instead of it, when it ends, such as `2026-12-01T00:00:00Z`.
            display_name: at most 128 characters.
            fields: other members by their JSON names, such as `toolConfig`.
        """
        cached: dict[str, Any] = {
            "model": full("models", model),
            **_expiration(ttl, expire_time, needed=False),
        }
        if prompt is not None:
            cached["contents"] = contents(prompt)
        if system is not None:
            cached["systemInstruction"] = one_content(system)
        if tools:
            cached["tools"] = [dict(tool) for tool in tools]
        if display_name is not None:
            cached["displayName"] = display_name
        asked = {"cachedContent": {**cached, **(fields or {})}}
        return self._one(methods.CREATE_CACHED_CONTENT, asked, CachedContent)

    def patch(
        self, name: str, *, ttl: float | None = None, expire_time: str | None = None
    ) -> Flow[CachedContent]:
        """Change when a cached content ends: in `ttl` seconds, or at `expire_time`."""
        changed = _expiration(ttl, expire_time, needed=True)
        asked = {
            "cachedContent": {"name": _full(name), **changed},
            "updateMask": ",".join(changed),
        }
        return self._one(methods.UPDATE_CACHED_CONTENT, asked, CachedContent)

    def delete(self, name: str) -> Flow[None]:
        """Delete a cached content."""
        return self._nothing(methods.DELETE_CACHED_CONTENT, {"name": _full(name)})


def _full(name: str) -> str:
    return full("cachedContents", name)


def _expiration(ttl: float | None, expire_time: str | None, *, needed: bool) -> dict[str, str]:
    if (ttl is not None and expire_time is not None) or (
        needed and ttl is None and expire_time is None
    ):
        raise UsageError("A cached content ends after a ttl in seconds, or at an expire_time.")
    if expire_time is not None:
        return {"expireTime": expire_time}
    if ttl is None:
        return {}
    return {"ttl": f"{ttl:.9f}".rstrip("0").rstrip(".") + "s"}
