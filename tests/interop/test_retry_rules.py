"""When a call is tried again: our table against the published package's transports."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
from google.api_core import exceptions
from google.auth.credentials import AnonymousCredentials

from gemauth.client.calls.retry import FACTOR, FIRST, LONGEST, patience
from gemauth.google.gemini.field_names import snake_case
from gemauth.google.gemini.methods import METHODS
from tests.interop.test_schema import NEWER_METHODS, OLD, UNPUBLISHED

pytestmark = pytest.mark.interop

TROUBLE = {
    503: exceptions.ServiceUnavailable,
    500: exceptions.InternalServerError,
    502: exceptions.BadGateway,
    504: exceptions.GatewayTimeout,
    429: exceptions.TooManyRequests,
}


@pytest.mark.parametrize(
    "method",
    [m for m in METHODS if "." not in m.service and m.service != UNPUBLISHED],
    ids=lambda m: str(m.name),
)
def test_a_method_is_tried_again_as_the_packages(method: Any) -> None:
    """Which errors, how long the waits, how long in all; reads get our two additions."""
    if OLD and method.name in NEWER_METHODS:
        return
    name = snake_case(method.name).removeprefix("_")
    service = snake_case(method.service).removeprefix("_")
    package = f"google.ai.generativelanguage_v1beta.services.{service}.transports.rest"
    kind = getattr(importlib.import_module(package), f"{method.service}RestTransport")
    transport = kind(credentials=AnonymousCredentials())
    wrapped = transport._wrapped_methods[getattr(transport, name)]
    theirs, seconds = wrapped._retry, wrapped._timeout
    ours = patience(method)
    assert ours.timeout == seconds
    if theirs is None:
        assert ours.unavailable == ours.repeatable  # our addition for reads, and nothing else
        return
    assert ours.unavailable
    retried = {status for status, error in TROUBLE.items() if theirs._predicate(error("no"))}
    assert retried == {503}
    assert (theirs._initial, theirs._multiplier, theirs._maximum) == (FIRST, FACTOR, LONGEST)
    assert theirs._timeout == ours.deadline
