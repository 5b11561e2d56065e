from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import gemauth
from gemauth.client import sdk
from tests.client.sdk.fakes import forget

if TYPE_CHECKING:
    from collections.abc import Sequence


def test_reached_from_the_top() -> None:
    """`gemauth.sdk` is this package, and listed."""
    assert gemauth.sdk is sdk
    assert "sdk" in dir(gemauth)
    assert set(sdk.__all__) <= set(dir(sdk))


@pytest.mark.parametrize(
    "line",
    [
        "import gemauth.sdk; gemauth.sdk.for_requests",
        "from gemauth.sdk import for_requests",
        "from gemauth import sdk; sdk.for_requests",
        "import gemauth.sdk as ours; import gemauth; assert ours is gemauth.sdk",
        "import gemauth; first = gemauth.sdk; import gemauth.sdk; assert first is gemauth.sdk",
    ],
)
def test_imported_by_its_public_name(line: str) -> None:
    """Whichever way it is written, it is one module."""
    subprocess.run([sys.executable, "-c", line], check=True)


def test_an_adapter_loads_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """An adapter is imported when it is first asked for, and kept (requests is installed here)."""
    forget(monkeypatch)
    assert "gemauth.client.sdk.requests_auth" not in sys.modules
    assert sdk.for_requests is sdk.for_requests
    assert sdk.for_requests.__name__ == "for_requests"


@pytest.mark.parametrize("name", sdk.__all__)
def test_without_the_sdk(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A package that is not installed is named, with what to run."""
    forget(monkeypatch)

    class Nothing:
        def find_spec(self, name: str, path: Sequence[str] | None, target: object = None) -> None:
            tops = {"aiohttp", "httpx", "httpx2", "openai", "requests"}
            tops |= {"langchain_google_genai", "litellm"}
            if name in tops or name.startswith("google."):
                raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    for loaded in [*sys.modules]:
        if loaded.split(".")[0] in {"httpx2", "requests"}:
            monkeypatch.delitem(sys.modules, loaded)
    monkeypatch.setattr(sys, "meta_path", [Nothing(), *sys.meta_path])
    if name == "for_httpx":
        monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(gemauth.UsageError, match="installed") as refused:
        getattr(sdk, name)()
    assert refused.value.next_step is not None
    assert refused.value.next_step.startswith("pip install ")


def test_unknown_names_are_unknown() -> None:
    """A typo is an AttributeError."""
    with pytest.raises(AttributeError, match="for_nobody"):
        sdk.for_nobody  # noqa: B018  # the access is the test


def test_a_broken_sdk_is_not_called_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What an SDK itself cannot import is told as it is."""
    forget(monkeypatch)
    monkeypatch.setitem(sdk._HOMES, "for_requests", ("requests_auth", "pandas", "pandas"))
    monkeypatch.setitem(sys.modules, "requests.auth", None)
    with pytest.raises(ModuleNotFoundError, match=r"requests\.auth"):
        sdk.for_requests  # noqa: B018  # the access is the test
