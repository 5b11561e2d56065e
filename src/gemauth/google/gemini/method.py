"""One method of the API as a value: its name, REST routes, and what a caller needs.

Source: the options of gemauth/options.proto; `methods.py` is generated from them. The client reads
verb, path and messages; the emulator also scopes, role and whether an API key is enough.
"""

from __future__ import annotations

from enum import IntEnum

from gemauth.value import Value, frozen

__all__ = ["OPERATIONS", "PACKAGE", "VERSIONS", "Method", "Role", "Route"]

PACKAGE = "google.ai.generativelanguage"
OPERATIONS = "google.longrunning.Operations"
VERSIONS = ("v1", "v1beta", "v1alpha")


class Role(IntEnum):
    """What a caller may do with a tuned model or corpus; a role holds all smaller ones."""

    NONE = 0
    READER = 1
    WRITER = 2
    OWNER = 3


@frozen
class Route(Value):
    """One REST route (the rules of google.api.http, AIP-127).

    `path` has no version: `{name=tunedModels/*}`, `{parent=corpora/*}/documents`. `body` is the
    request field that the JSON body is, `*` for all that the path leaves, or empty.
    """

    verb: str
    path: str
    body: str = ""
    implemented: bool = True


@frozen
class Method(Value):
    """One method: `service.name`, its routes (the main one first) and its demands.

    `service` names a service, `request` and `response` messages, relative to the version's package
    unless dotted (`google.longrunning.Operations` serves all versions).
    Any one of `scopes` is enough. `role` is the least one on the resource that the path names,
    or on the tuned model or corpus above it. A `retired` method has no model left to work with.
    """

    service: str
    name: str
    routes: tuple[Route, ...]
    request: str
    response: str
    scopes: tuple[str, ...]
    role: Role
    key_allowed: bool
    implemented: bool
    streams: bool = False
    retired: bool = False

    @property
    def verb(self) -> str:
        """The main route's HTTP method."""
        return self.routes[0].verb

    @property
    def path(self) -> str:
        """The main route's template, without the version."""
        return self.routes[0].path

    @property
    def body(self) -> str:
        """The main route's body field, `*` or empty."""
        return self.routes[0].body

    def full_name(self, version: str) -> str:
        """Return the dotted name, package and version included, as ErrorInfo has it."""
        package = "" if "." in self.service else f"{PACKAGE}.{version}."
        return f"{package}{self.service}.{self.name}"
