"""Files, cached contents and long-running operations (gemini-api.md section 9).

Source: proto/gemini/files.proto, cached_contents.proto and google_longrunning.proto. The classes
are open (open_resource.py).
"""

from __future__ import annotations

from typing import Any

from gemauth.google.gemini.resources.open_resource import ZERO, Int64, OpenResource

__all__ = ["CachedContent", "CachedContentUsage", "File", "FileError", "Operation"]


class FileError(OpenResource, frozen=True, kw_only=True):
    """google.rpc.Status: why a file could not be processed, or an operation failed."""

    code: int = 0
    message: str = ""


class File(OpenResource, frozen=True, kw_only=True):
    """An uploaded or generated file; `name` is `files/{id}`.

    `state` is `PROCESSING`, `ACTIVE` or `FAILED`; `source` `UPLOADED`, `GENERATED`, `REGISTERED`.
    `sha256_hash` is what JSON's base64 holds: the hash in hexadecimal digits, as was seen.
    """

    name: str = ""
    display_name: str = ""
    mime_type: str = ""
    size_bytes: Int64 = ZERO
    create_time: str | None = None
    update_time: str | None = None
    expiration_time: str | None = None
    sha256_hash: bytes = b""
    uri: str = ""
    download_uri: str = ""
    state: str = ""
    source: str = ""
    error: FileError | None = None


class CachedContentUsage(OpenResource, frozen=True, kw_only=True):
    """Tokens that a cache holds."""

    total_token_count: int = 0


class CachedContent(OpenResource, frozen=True, kw_only=True):
    """A cached prompt; `name` is `cachedContents/{id}`. What it holds is never answered."""

    name: str | None = None
    display_name: str | None = None
    model: str | None = None
    create_time: str | None = None
    update_time: str | None = None
    expire_time: str | None = None
    usage_metadata: CachedContentUsage | None = None


class Operation(OpenResource, frozen=True, kw_only=True):
    """Work that goes on at Google's; `done` with either an `error` or a `response`.

    `metadata` and `response` are JSON whose `@type` says what they are.
    """

    name: str = ""
    done: bool = False
    metadata: dict[str, Any] | None = None
    error: FileError | None = None
    response: dict[str, Any] | None = None
