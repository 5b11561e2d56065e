from __future__ import annotations

import getpass
import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from gemauth.client.notebook import frontend
from gemauth.errors import UsageError


def ipython(monkeypatch: pytest.MonkeyPatch, shell: object) -> list[Any]:
    """Stand in for IPython with this shell; what is displayed."""
    shown: list[Any] = []
    module, display = ModuleType("IPython"), ModuleType("IPython.display")
    module.get_ipython = lambda: shell  # type: ignore[attr-defined]
    display.display = lambda data, *, raw: shown.append((data, raw))  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", module)
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    return shown


def test_a_kernel_is_a_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jupyter's and Colab's shells have a kernel; IPython in a terminal has none."""
    ipython(monkeypatch, SimpleNamespace(kernel=object()))
    assert frontend.is_notebook()
    ipython(monkeypatch, SimpleNamespace())
    assert not frontend.is_notebook()
    ipython(monkeypatch, None)
    assert not frontend.is_notebook()
    monkeypatch.delitem(sys.modules, "IPython")
    assert not frontend.is_notebook()


def test_an_address_is_a_link(monkeypatch: pytest.MonkeyPatch) -> None:
    """An address on its own line can be clicked, in a tab that knows nothing of this one."""
    shown = ipython(monkeypatch, None)
    text = "Open:\n\n    https://accounts.google.com/o?a=1&b=2\n\nIt ends at http://127.0.0.1:1/?…"
    frontend.show(text)
    ((data, raw),) = shown
    assert raw
    assert data["text/plain"] == text
    address = "https://accounts.google.com/o?a=1&amp;b=2"
    assert (
        f'<a href="{address}" target="_blank" rel="noopener noreferrer">{address}</a>'
        in data["text/html"]
    )
    assert data["text/html"].count("<a ") == 1


@pytest.mark.parametrize(
    "evil",
    ["<script>alert(1)</script>", '    https://x.example/"onclick="alert(1)', "    https://x/<b>"],
)
def test_nothing_is_markup(evil: str) -> None:
    """What a server or a file says is text: no tag and no attribute comes of it."""
    made = frontend.rendered(evil)
    assert "<script" not in made
    assert "<b>" not in made
    assert '"onclick' not in made


def test_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel's own `getpass` is asked, and its line stripped."""
    monkeypatch.setattr(getpass, "getpass", lambda prompt: f" {prompt}4/0A \n")
    assert frontend.ask("Code: ") == "Code: 4/0A"


class StdinNotImplementedError(Exception):
    """As IPython's."""


@pytest.mark.parametrize("error", [StdinNotImplementedError("no"), EOFError()])
def test_nobody_to_ask(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """A notebook that is converted by nbconvert is told of the sign-in in two steps."""

    def refuse(_prompt: str) -> str:
        raise error

    monkeypatch.setattr(getpass, "getpass", refuse)
    with pytest.raises(UsageError, match="nobody can be asked") as caught:
        frontend.ask("Code: ")
    assert "--start" in (caught.value.next_step or "")
    assert "--finish" in (caught.value.next_step or "")


def test_an_interrupt_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is no refusal of the front end's comes through."""

    def stop(_prompt: str) -> str:
        raise RuntimeError("kernel")

    monkeypatch.setattr(getpass, "getpass", stop)
    with pytest.raises(RuntimeError, match="kernel"):
        frontend.ask("Code: ")
