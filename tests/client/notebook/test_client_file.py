from __future__ import annotations

import json
import sys
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from gemauth.client.notebook.client_file import FILE, client_of
from gemauth.errors import DataError, NotFoundError, UsageError
from gemauth.google.client_secret import WrongFile
from tests.client.transcript import CLIENT, EMULATED_CLIENT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TEXT = json.dumps(CLIENT.to_json())


class SecretNotFoundError(Exception):
    """As Colab's."""


class NotebookAccessError(Exception):
    """As Colab's."""


class TimeoutException(Exception):  # noqa: N818  # as Colab's
    """As Colab's."""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to run in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def colab(monkeypatch: pytest.MonkeyPatch, get: Callable[[str], object]) -> None:
    """Stand in for Colab."""
    package, userdata = ModuleType("google.colab"), ModuleType("google.colab.userdata")
    userdata.get = get  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "google.colab", package)
    monkeypatch.setitem(sys.modules, "google.colab.userdata", userdata)


def test_a_file(folder: Path) -> None:
    """By its path, as anywhere else."""
    path = folder / "mine.json"
    path.write_text(TEXT)
    for given in (path, str(path)):
        assert client_of(given, "X", emulated=False).client_id == CLIENT.client_id


def test_a_files_content() -> None:
    """As an object, where a notebook has it already."""
    assert client_of(CLIENT.to_json(), "X", emulated=False).client_id == CLIENT.client_id


def test_colabs_secret(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """By its name; it goes before a file that is there too."""
    (folder / FILE).write_text(json.dumps(EMULATED_CLIENT.to_json()))
    colab(monkeypatch, {"MINE": TEXT}.__getitem__)
    assert client_of(None, "MINE", emulated=False).client_id == CLIENT.client_id


def test_the_file_of_the_folder(folder: Path) -> None:
    """Where nothing is named and this is not Colab, client_secret.json is taken."""
    (folder / FILE).write_text(TEXT)
    assert client_of(None, "X", emulated=False).client_id == CLIENT.client_id


def test_nothing_to_sign_in_with(folder: Path) -> None:
    """What was looked for, and where clients come from on this side."""
    with pytest.raises(UsageError, match=str(folder)) as caught:
        client_of(None, "X", emulated=True)
    assert "gemauth emulator clients create" in (caught.value.next_step or "")
    with pytest.raises(NotFoundError):
        client_of("missing.json", "X", emulated=False)


@pytest.mark.parametrize(
    ("error", "message", "step"),
    [
        (SecretNotFoundError("MINE"), "no secret with the name MINE", "whole text"),
        (NotebookAccessError("MINE"), "may not see the secret MINE", "Notebook access"),
        (TimeoutException("MINE"), "did not hand out", "page open"),
    ],
)
def test_what_colab_refuses(
    monkeypatch: pytest.MonkeyPatch, error: Exception, message: str, step: str
) -> None:
    """Each of Colab's refusals with what the person has to do in its side bar."""

    def refuse(_name: str) -> str:
        raise error

    colab(monkeypatch, refuse)
    with pytest.raises(UsageError, match=message) as caught:
        client_of(None, "MINE", emulated=False)
    assert step in (caught.value.next_step or "")


def test_what_colab_has_never_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another error of Colab's is not ours to explain."""

    def fail(_name: str) -> str:
        raise ZeroDivisionError

    colab(monkeypatch, fail)
    with pytest.raises(ZeroDivisionError):
        client_of(None, "X", emulated=False)


@pytest.mark.parametrize("text", ["", "GOCSPX-secret", "[" * 100_000])
def test_a_secret_that_is_no_file(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Often the client's secret alone was put there; it is not repeated."""
    colab(monkeypatch, lambda _name: text)
    with pytest.raises(DataError, match="The secret MINE is no JSON") as caught:
        client_of(None, "MINE", emulated=False)
    assert "GOCSPX" not in str(caught.value)


def test_another_file_in_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """A service account's key is told what it is; an object that is nothing is told so."""
    colab(monkeypatch, lambda _name: '{"type": "service_account"}')
    with pytest.raises(WrongFile, match="service account's key"):
        client_of(None, "MINE", emulated=False)
    with pytest.raises(DataError, match="The client's content: This is not an OAuth client"):
        client_of({}, "MINE", emulated=False)
