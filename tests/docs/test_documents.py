"""What the documents point at is there: files, headings, modules, tests and commands.

That the generated pages are current is held beside their generators: docs/cli.md and
docs/exit-codes.md in tests/cli/test_help_pages.py, docs/coverage.md in
tests/google/gemini/test_contract.py, docs/control-api.md in tests/emulator/control/test_methods.py.
"""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest

from gemauth.cli import commands
from gemauth.cli.command import Group
from gemauth.cli.parser import build
from tests.docs.blocks import ROOT, headings

if TYPE_CHECKING:
    from pathlib import Path

    from gemauth.cli.command import Command

pytestmark = pytest.mark.docs

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
GENERATED = {"cli.md", "clients.md", "coverage.md", "exit-codes.md", "interop.md"}
WRITTEN = [path for path in DOCUMENTS if path.name not in GENERATED]

_CODE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
# Folders that a path in a document may start from.
_BASES = (ROOT, ROOT / "src" / "gemauth", ROOT / "src" / "gemauth" / "emulator")
# A file's name with a folder before it, or a folder: `client/target.py`, `docs/decisions/`.
_PATH = re.compile(r"(?:[\w.-]+/)+(?:[\w-]+\.(?:py|md|json|txt|in|toml))?")
# Paths of the emulator's data, of Google's, of what `make` builds, and ones that stand for any.
_NOT_OURS = re.compile(r"artifacts/|/|\.venv.*|gcloud/.*|.*\b(?:NNNN|NAME|X)\b.*")


def name(path: Path) -> str:
    """Return a document's name below the repository."""
    return path.relative_to(ROOT).as_posix()


def test_there_are_documents() -> None:
    """The search finds what it is meant to find."""
    names = {name(path) for path in DOCUMENTS}
    assert {"README.md", "README.zh-TW.md", "SECURITY.md", "docs/cli.md"} <= names
    assert {path.name for path in DOCUMENTS} >= GENERATED


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_local_links_lead_somewhere(path: Path) -> None:
    """A link to a file leads to one that is there, and its fragment to one of its headings."""
    for link in _LINK.findall(path.read_text("utf-8")):
        if "://" in link or link.startswith("mailto:"):
            continue
        file, _, fragment = unquote(link).partition("#")
        target = (path.parent / file).resolve() if file else path
        assert target.exists(), f"{link}: no such file"
        assert target.is_relative_to(ROOT), f"{link} leaves the repository"
        if fragment:
            assert fragment in {_anchor(text) for _, text in headings(target)}, link


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("path", WRITTEN, ids=name)
def test_files_that_are_named_exist(path: Path) -> None:
    """A module, a test or a folder that a document names in code style is where it says."""
    for code in _CODE.findall(path.read_text("utf-8")):
        if _PATH.fullmatch(code) and not _NOT_OURS.fullmatch(code):
            assert any((base / code).exists() for base in _BASES), f"there is no {code}"


def alternatives(code: str) -> list[str]:
    """Return what `gemauth corpora list|get` stands for, each by itself."""
    found = re.search(r"(?<= )[a-z-]+(?:\|[a-z-]+)+", code)
    if found is None:
        return [code]
    return [code.replace(found[0], word) for word in found[0].split("|")]


@pytest.mark.parametrize("path", WRITTEN, ids=name)
def test_commands_that_are_named_exist(path: Path) -> None:
    """A command that a document names in code style exists, with the options it names."""
    named = _CODE.findall(path.read_text("utf-8"))
    for code in chain.from_iterable(map(alternatives, named)):
        words = code.partition(" -- ")[0].split()  # what follows is another program's
        if words[:1] != ["gemauth"] or len(words) < 2 or words[1] in {"…", "help"}:
            continue
        tree: Command | Group = commands.load(words[1])
        depth = 2
        while isinstance(tree, Group) and depth < len(words) and words[depth] != "…":
            member = tree.find(words[depth])
            assert member is not None, code
            tree, depth = member, depth + 1
        if not isinstance(tree, Group):
            known = build(tree, tuple(words[1:depth]))._option_string_actions
            assert {word for word in words if word.startswith("--")} <= {*known}, code


def test_claims_of_security_name_their_tests() -> None:
    """Each row of the threat model names at least one test that holds it."""
    text = (ROOT / "SECURITY.md").read_text("utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    threats = [row.split(" | ") for row in rows if not row.startswith(("| threat", "|---"))]
    assert len(threats) > 20
    for threat, _, held_by in threats:
        named = _CODE.findall(held_by)
        assert named, threat
        assert all(test.startswith("tests/") for test in named), threat
