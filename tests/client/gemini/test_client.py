from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import AsyncIterator, Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any, assert_type

import pytest

from gemauth.client.credentials import Credentials
from gemauth.client.gemini import AsyncGemini, Gemini
from gemauth.client.gemini.client import FAMILIES
from gemauth.errors import CredentialError
from gemauth.google.endpoints import GOOGLE
from gemauth.google.gemini.resources.models import Model
from gemauth.google.gemini.resources.permissions import Permission
from gemauth.google.gemini.resources.retrieval import Corpus, RelevantChunk
from tests.client.test_credentials import Fixed
from tests.client.transcript import AsyncSender, Sender, answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from gemauth.http import Response

MINE = Credentials("authorized_user", Fixed(), GOOGLE)
X = "tunedModels/x"
P = f"{X}/permissions/1"
DOCUMENT = "corpora/c/documents/d"

# What is called, and the requests it makes.
CALLS: list[tuple[Callable[[Any], Any], list[str]]] = [
    (lambda api: api.models.get("m"), ["GET models/m"]),
    (lambda api: api.tuned_models.get("x"), [f"GET {X}"]),
    (lambda api: api.tuned_models.patch("x", {"topK": 1}), [f"PATCH {X}?updateMask=topK"]),
    (lambda api: api.tuned_models.delete("x"), [f"DELETE {X}"]),
    (lambda api: api.tuned_models.transfer_ownership("x", "b@x"), [f"POST {X}:transferOwnership"]),
    (lambda api: api.permissions.get(P), [f"GET {P}"]),
    (lambda api: api.permissions.create("x", "reader", user="a@x"), [f"POST {X}/permissions"]),
    (lambda api: api.permissions.update(P, "writer"), [f"PATCH {P}?updateMask=role"]),
    (lambda api: api.permissions.delete(P), [f"DELETE {P}"]),
    (lambda api: api.corpora.get("c"), ["GET corpora/c"]),
    (lambda api: api.documents.get(DOCUMENT), [f"GET {DOCUMENT}"]),
    (lambda api: api.chunks.get(f"{DOCUMENT}/chunks/k"), [f"GET {DOCUMENT}/chunks/k"]),
    (lambda api: api.share("x", everyone=True), [f"POST {X}/permissions"]),
    (lambda api: api.request("GET", "/v1beta/models"), ["GET models"]),
]
LISTS: list[tuple[Callable[[Any], Any], str, str]] = [
    (lambda api: api.models.list(page_size=1), "models", "models?pageSize=1"),
    (
        lambda api: api.tuned_models.list(filter="owner:me", page_size=1),
        "tunedModels",
        "tunedModels?filter=owner%3Ame&pageSize=1",
    ),
    (
        lambda api: api.permissions.list("x", page_size=1),
        "permissions",
        f"{X}/permissions?pageSize=1",
    ),
]


def lines(sender: Sender) -> list[str]:
    """Return the requests that were sent, short."""
    root = f"{GOOGLE.gemini}/v1beta/"
    return [f"{request.method} {request.url.removeprefix(root)}" for request in sender.requests]


def pages(items: str) -> list[Response]:
    """Return a list in two pages."""
    first: dict[str, Any] = {items: [{"name": "a"}, {"name": "b"}], "nextPageToken": "t"}
    last: dict[str, Any] = {items: [{"name": "c"}]}
    return [answer(**first), answer(**last)]


@pytest.mark.parametrize(("act", "expected"), CALLS)
def test_each_method_makes_its_request(act: Callable[[Any], Any], expected: list[str]) -> None:
    """The synchronous client runs the operation's flow."""
    sender = Sender(answer())
    act(Gemini(MINE, transport=sender))
    assert lines(sender) == expected


@pytest.mark.parametrize(("act", "items", "path"), LISTS)
def test_lists_ask_for_page_after_page(act: Callable[[Any], Any], items: str, path: str) -> None:
    """A page is asked for when the one before is used up, not earlier."""
    sender = Sender(*pages(items))
    found = act(Gemini(MINE, transport=sender))
    assert lines(sender) == []
    assert [next(found).name, next(found).name] == ["a", "b"]
    assert lines(sender) == [f"GET {path}"]
    assert [item.name for item in found] == ["c"]
    assert lines(sender)[1] == f"GET {path}&pageToken=t"


def test_another_version() -> None:
    """v1, v1beta or v1alpha."""
    sender = Sender(answer())
    Gemini(MINE, transport=sender, version="v1").models.get("m")
    assert sender.requests[0].url == f"{GOOGLE.gemini}/v1/models/m"


def test_without_credentials_it_finds_them(tmp_path: Any) -> None:
    """`Gemini()` is `Gemini(default().credentials)`; here there are none."""
    import os

    os.environ["NO_GCE_CHECK"] = "true"
    with pytest.raises(CredentialError, match="No credentials"):
        Gemini()


def test_it_closes_its_own_transport() -> None:
    """In a `with` statement; a transport that was given is its owner's."""
    with Gemini(MINE) as api:
        assert api.credentials is MINE
    with Gemini(MINE, transport=Sender(answer())) as api:
        api.models.get("m")


def test_a_family_is_loaded_when_it_is_asked_for() -> None:
    """Each name of the table leads to its class, once; another name is no attribute."""
    for client, prefix in ((Gemini(MINE), ""), (AsyncGemini(MINE), "Async")):
        for name, kind in FAMILIES.items():
            family = getattr(client, name)
            assert type(family).__name__ == prefix + kind
            assert getattr(client, name) is family
        with pytest.raises(AttributeError, match="no attribute 'tunedmodels'"):
            _ = client.tunedmodels  # type: ignore[union-attr]  # a checker refuses it too


def test_every_family_is_annotated() -> None:
    """Type checkers and editors know what the table knows."""
    for client, prefix in ((Gemini, ""), (AsyncGemini, "Async")):
        expected = {name: prefix + kind for name, kind in FAMILIES.items()}
        assert client.__annotations__ == expected


def test_types_are_those_of_the_flows() -> None:
    """Mypy knows what each method returns, awaited or iterated: it fails here, not at run time."""
    sender = Sender(answer(), answer())
    sync = Gemini(MINE, transport=sender)
    assert_type(sync.corpora.get("c"), Corpus)
    assert_type(sync.models.list(), Iterator[Model])
    assert_type(sync.share("x", user="a@x"), Permission)

    async def go() -> None:
        api = AsyncGemini(MINE, transport=AsyncSender(answer(), answer()))
        assert_type(await api.corpora.get("c"), Corpus)
        assert_type(api.models.list(), AsyncIterator[Model])
        assert_type(await api.corpora.query("c", "?"), tuple[RelevantChunk, ...])

    asyncio.run(go())


def test_help_is_that_of_the_flows() -> None:
    """A method's text and parameters are the same on both clients, and `help` shows them."""
    for name, kind in FAMILIES.items():
        module = import_module(f"gemauth.client.gemini.{name}")
        sync, parallel = getattr(module, kind), getattr(module, f"Async{kind}")
        flows = getattr(module.flows, kind)
        methods = [method for method in vars(sync) if not method.startswith("_")]
        assert methods
        for method in methods:
            of_flow = getattr(flows, method)
            for cls in (sync, parallel):
                facade = getattr(cls, method)
                assert inspect.getdoc(facade) == inspect.getdoc(of_flow)
                assert (
                    inspect.signature(facade).parameters.keys()
                    == inspect.signature(of_flow).parameters.keys()
                )


def test_results_are_resources() -> None:
    """What comes back is typed."""
    sender = Sender(answer(name=P, role="READER", granteeType="USER", emailAddress="a@x"))
    made = Gemini(MINE, transport=sender).share("x", user="a@x")
    assert json.loads(json.dumps(made.to_json()))["emailAddress"] == "a@x"


class TestAsync:
    @pytest.mark.parametrize(("act", "expected"), CALLS)
    def test_each_method_makes_its_request(
        self, act: Callable[[Any], Any], expected: list[str]
    ) -> None:
        """The asynchronous client runs the same flow as its twin."""
        transport = AsyncSender(answer())

        async def go() -> None:
            async with AsyncGemini(MINE, transport=transport) as api:
                await act(api)

        asyncio.run(go())
        assert lines(transport.sender) == expected

    @pytest.mark.parametrize(("act", "items", "path"), LISTS)
    def test_lists_ask_for_page_after_page(
        self, act: Callable[[Any], Any], items: str, path: str
    ) -> None:
        """`async for` over every page."""
        transport = AsyncSender(*pages(items))

        async def go() -> list[str]:
            return [item.name async for item in act(AsyncGemini(MINE, transport=transport))]

        assert asyncio.run(go()) == ["a", "b", "c"]
        assert lines(transport.sender) == [f"GET {path}", f"GET {path}&pageToken=t"]

    def test_without_credentials_it_finds_them(self) -> None:
        """As its twin; here there are none."""
        import os

        os.environ["NO_GCE_CHECK"] = "true"
        with pytest.raises(CredentialError, match="No credentials"):
            AsyncGemini()

    def test_it_closes_its_own_transport(self) -> None:
        """In an `async with` statement."""

        async def go() -> None:
            async with AsyncGemini(MINE) as api:
                assert api.credentials is MINE

        asyncio.run(go())
