"""docs/sdks.md: each snippet runs as it stands, and calls with the token, in the paying project."""

from __future__ import annotations

import ast
import asyncio
import inspect
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from tests.docs.blocks import ROOT, Block, blocks

if TYPE_CHECKING:
    from tests.interop.sdks.conftest import Gemini

pytestmark = pytest.mark.interop

SNIPPETS = blocks(ROOT / "docs" / "sdks.md")
# Who is behind a function of gemauth's, where the snippet itself does not import it.
PACKAGES = {
    "for_genai": "google.genai",
    "for_langchain": "langchain_google_genai",
    "for_openai": "openai",
}


def missing(snippet: Block) -> list[str]:
    """Return the packages that the snippet takes, and this environment has not got."""
    tree = ast.parse(snippet.text)
    wanted = {package for name, package in PACKAGES.items() if f".{name}(" in snippet.text}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            wanted |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            wanted.add(node.module)
    return [package for package in sorted(wanted) if find_spec(package) is None]


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda snippet: f"line {snippet.line}")
def test_snippet(
    gemini: Gemini,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    snippet: Block,
) -> None:
    """What the page shows works, with all variables set that would lead the SDK elsewhere."""
    if missing(snippet):
        pytest.skip(f"in the other environment: {', '.join(missing(snippet))}")
    says = {"message": {"role": "assistant", "content": "Hello"}, "index": 0}
    chat = {"id": "x", "object": "chat.completion", "choices": [says]}
    gemini.server.answers["POST /v1beta/openai/chat/completions"] = (200, chat)
    gemini.server.answers["GET /v1beta/models"] = (200, {"models": [{"name": "Hello"}]})
    code = compile(snippet.text, "sdks.md", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    if code.co_flags & inspect.CO_COROUTINE:
        asyncio.run(eval(code, {}))  # noqa: S307  # our own page's
    else:
        exec(code, {})  # noqa: S102  # the same
    assert "Hello" in capsys.readouterr().out
    assert gemini.calls()


def test_each_function_is_on_the_page() -> None:
    """No adapter is left out."""
    from gemauth.client import sdk

    page = (ROOT / "docs" / "sdks.md").read_text(encoding="utf-8")
    assert [name for name in sdk.__all__ if f"{name}(" not in page] == []
