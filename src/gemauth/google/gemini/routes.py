"""REST paths of the API: which method a path means, and which path a method has.

The rules are google.api.http's (AIP-127). Every path of this API alternates collections and ids
(AIP-122), so a path is looked up by its collections instead of being tried against patterns. The
emulator matches, the client fills.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from gemauth.errors import UsageError
from gemauth.google.gemini.method import VERSIONS, Method, Route
from gemauth.value import Value, frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Match", "Miss", "Template", "fill", "match", "template"]


@frozen
class Template(Value):
    """A parsed route path: `{parent=corpora/*}/documents:verb`.

    `field` is the request field that the first `bound` segments fill ("" where none does);
    `segments` has "*" for each id; `custom` is the verb after the colon, or empty.
    """

    field: str
    bound: int
    segments: tuple[str, ...]
    custom: str


@frozen
class Match(Value):
    """A path that means a method; `fields` maps request fields (`permission.name`) to values."""

    method: Method
    route: Route
    version: str
    fields: tuple[tuple[str, str], ...]

    @property
    def full_name(self) -> str:
        """The method's full name in this version, as ErrorInfo has it."""
        return self.method.full_name(self.version)

    @property
    def resource(self) -> str:
        """The resource that the path names (or its parent), empty for a top collection."""
        return self.fields[0][1] if self.fields else ""


@frozen
class Miss(Value):
    """A path that means nothing: unknown where `verbs` is empty, else known for these verbs."""

    verbs: tuple[str, ...] = ()


@cache
def template(path: str) -> Template:
    """Return a route path in its parts."""
    field = ""
    bound = 0
    rest = path
    if path.startswith("{"):
        variable, _, rest = path[1:].partition("}")
        field, _, pattern = variable.partition("=")
        bound = pattern.count("/") + 1
        rest = pattern + rest
    rest, _, custom = rest.partition(":")
    return Template(field, bound, tuple(rest.split("/")), custom)


def match(verb: str, path: str) -> Match | Miss:
    """Return what a request's path means.

    Args:
        verb: the HTTP method, in capitals.
        path: the path with its version, percent-encoded as on the wire, without the query.
    """
    version, _, rest = path.removeprefix("/").partition("/")
    if version not in VERSIONS:
        return Miss()
    segments = [unquote(segment) for segment in rest.split("/")]
    # An encoded slash would make an id that no resource has, and two paths of one name.
    if any(not segment or "/" in segment for segment in segments):
        return Miss()
    custom = ""
    if ":" in segments[-1]:
        segments[-1], _, custom = segments[-1].rpartition(":")
    key = (*_collections(segments), ":", custom)
    verbs = _routes().get(key, {})
    if not segments[-1] or verb not in verbs:
        return Miss(tuple(sorted(verbs)) if segments[-1] else ())
    method, route = verbs[verb]
    parsed = template(route.path)
    name = "/".join(segments[: parsed.bound])
    return Match(method, route, version, ((parsed.field, name),) if parsed.field else ())


def _collections(segments: list[str]) -> Iterator[str]:
    """Yield a path's collections, with "*" for each id: they alternate.

    One exception: what uploads to a store began is under `fileSearchStores/{id}/upload/operations`.
    """
    is_id = False
    for segment in segments:
        yield "*" if is_id else segment
        is_id = not is_id and segment != "upload"


@cache
def _routes() -> dict[tuple[str, ...], dict[str, tuple[Method, Route]]]:
    from gemauth.google.gemini.methods import METHODS

    found: dict[tuple[str, ...], dict[str, tuple[Method, Route]]] = {}
    for method in METHODS:
        for route in method.routes:
            parsed = template(route.path)
            key = (*parsed.segments, ":", parsed.custom)
            found.setdefault(key, {})[route.verb] = (method, route)
    return found


def fill(method: Method, name: str) -> tuple[Route, str]:
    """Return the route of a method that takes this resource name, and its path.

    Args:
        method: the method.
        name: what the path's field holds (`tunedModels/x`); ignored where the path has none.

    Returns:
        The route and the percent-encoded path without version and leading slash.

    Raises:
        UsageError: no route of the method takes such a name.
    """
    for route in method.routes:
        parsed = template(route.path)
        suffix = f":{parsed.custom}" if parsed.custom else ""
        if not parsed.field:
            return route, "/".join(parsed.segments) + suffix
        segments = name.split("/")
        if _fits(segments, parsed.segments[: parsed.bound]):
            path = [quote(part, safe="@") for part in segments]
            return route, "/".join((*path, *parsed.segments[parsed.bound :])) + suffix
    patterns = " or ".join(
        "/".join(parsed.segments[: parsed.bound])
        for parsed in (template(route.path) for route in method.routes)
    )
    raise UsageError(
        f"{name!r} is no resource name of the form {patterns}.",
        next_step="Use a name as a list shows it: gemauth models list, gemauth tuned-models list, "
        "gemauth permissions list MODEL",
    )


def _fits(segments: list[str], pattern: Iterable[str]) -> bool:
    pattern = tuple(pattern)
    return len(segments) == len(pattern) and all(
        part not in {"", ".", ".."} if expected == "*" else part == expected
        for part, expected in zip(segments, pattern, strict=True)
    )
