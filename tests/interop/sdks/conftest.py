"""SDKs that only generate and embed: their far side is a stand-in that keeps what it was asked.

Run in `.venv-interop` and again in `.venv-sdks`, whose packages are of other generations; a test
whose package an environment has not got is the other one's.
"""

from __future__ import annotations

import json
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.google import ACCESS_TOKEN
from tests.cli.google import Google as StandIn

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NEEDS = {
    "test_langchain.py": "langchain_google_genai",
    "test_litellm.py": "litellm",
    "test_openai.py": "openai",
}
collect_ignore = [test for test, package in _NEEDS.items() if find_spec(package) is None]

MODEL = "gemini-2.5-flash"
EMBEDDER = "gemini-embedding-001"
_SAYS = {
    "candidates": [
        {
            "content": {"role": "model", "parts": [{"text": "Hello"}]},
            "finishReason": "STOP",
            "index": 0,
        }
    ],
    "usageMetadata": {"promptTokenCount": 1, "candidatesTokenCount": 1, "totalTokenCount": 2},
}


class Gemini:
    """What the far side was asked of the API."""

    def __init__(self, server: StandIn) -> None:
        self.server = server
        for version in ("v1", "v1beta"):
            model = f"POST /{version}/models/{MODEL}"
            server.answers[f"{model}:generateContent"] = (200, _SAYS)
            server.answers[f"{model}:streamGenerateContent"] = (200, event(_SAYS))
            server.answers[f"POST /{version}/models/{EMBEDDER}:batchEmbedContents"] = (
                200,
                {"embeddings": [{"values": [1.0, 2.0]}]},
            )

    def calls(self) -> list[str]:
        """Return the paths so far: all with the token, in the project that pays, with no key."""
        calls = [(line, headers) for line, headers, _ in self.server.asked if "/token" not in line]
        for line, headers in calls:
            assert headers["authorization"] == f"Bearer {ACCESS_TOKEN}", line
            assert headers["x-goog-user-project"] == "paying", line
            assert "x-goog-api-key" not in headers, line
            assert "key" not in line, line
            assert "AIza" not in f"{headers}", line
        return [line.split()[1].partition("?")[0] for line, _ in calls]


def event(value: Any) -> bytes:
    """Return a server-sent event."""
    return b"data: " + json.dumps(value).encode() + b"\r\n\r\n"


@pytest.fixture
def gemini(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gemini]:
    """A machine with a sign-in, and with every variable set that leads an SDK elsewhere."""
    with StandIn(home) as server:
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", server.credentials())
        monkeypatch.setenv("GEMAUTH_EMULATOR", server.url)
        monkeypatch.setenv("GOOGLE_CLOUD_QUOTA_PROJECT", "paying")
        monkeypatch.setenv("GEMINI_API_KEY", "AIza-of-the-environment")
        monkeypatch.setenv("GOOGLE_API_KEY", "AIza-of-the-environment-too")
        monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-environment")
        monkeypatch.setenv("GOOGLE_GENAI_USE_VERTEXAI", "true")
        monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "another")
        for name in ("GEMINI_API_BASE", "GOOGLE_GEMINI_BASE_URL", "OPENAI_BASE_URL"):
            monkeypatch.setenv(name, "http://127.0.0.1:9")
        monkeypatch.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True")  # else it asks GitHub
        yield Gemini(server)
