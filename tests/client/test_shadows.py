from __future__ import annotations

from gemauth.client import shadows


def test_keys() -> None:
    """The names are told and how to be rid of them, the keys are not; an empty one is none."""
    assert shadows.keys({"GEMINI_API_KEY": ""}) is None
    both = shadows.keys({"GEMINI_API_KEY": "AIzaSecret", "GOOGLE_API_KEY": "AIzaOther"})
    assert both is not None
    assert both.next_step == "unset GOOGLE_API_KEY GEMINI_API_KEY"
    assert "are set" in both.message
    assert "AIza" not in repr(both)


def test_routes() -> None:
    """Variables that lead SDKs elsewhere count, unless they say no."""
    assert shadows.routes({"GOOGLE_GENAI_USE_VERTEXAI": "False"}) is None
    found = shadows.routes({"GOOGLE_GENAI_USE_VERTEXAI": "1", "CLOUDSDK_CONFIG": "/x"})
    assert found is not None
    assert found.names == ("GOOGLE_GENAI_USE_VERTEXAI", "CLOUDSDK_CONFIG")
    named = {"CLOUDSDK_CONFIG": "/x", "GOOGLE_APPLICATION_CREDENTIALS": "/y"}
    assert shadows.routes(named) is None  # nobody has to look for a file
