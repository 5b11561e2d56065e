from __future__ import annotations

import itertools
import json
import os
import re
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.cli.at_terminal.session import GEMAUTH, Leads, Session
from tests.client.test_end_to_end import ADA

if TYPE_CHECKING:
    from tests.cli.at_terminal.far_side import Desk

pytestmark = pytest.mark.processes

MODEL = "tunedModels/my-model"
ESCAPE = "\x1b"
LISTS = (("models", "list"), ("tuned-models", "list"), ("doctor",), ("status",))


@pytest.fixture
def signed_in(desk: Desk) -> Desk:
    """A person who is signed in."""
    desk.login(account=ADA)
    return desk


@pytest.mark.parametrize("words", LISTS, ids=" ".join)
@pytest.mark.parametrize(
    "environ", [{"NO_COLOR": "1"}, {"TERM": "dumb"}], ids=["NO_COLOR", "TERM=dumb"]
)
def test_colours_off(signed_in: Desk, words: tuple[str, ...], environ: dict[str, str]) -> None:
    """No byte that steers a terminal, where a person or the terminal wants none."""
    with Session(*words, environ={**os.environ, **environ}) as there:
        there.end()
    assert ESCAPE not in there.shown
    assert "gemini-2.5-flash" in there.shown or words != ("models", "list")


@pytest.mark.parametrize("words", LISTS, ids=" ".join)
def test_no_colour_where_nobody_looks(signed_in: Desk, words: tuple[str, ...]) -> None:
    """A file gets text or JSON and nothing else, whatever stderr and stdin are."""
    with Session(*words, stdout="elsewhere") as there:
        code = there.end()
        assert ESCAPE not in there.out + there.shown
        assert there.out
    with Session(*words, "--format", "json", stdout="elsewhere") as there:
        assert there.end() == code
        json.loads(there.out)


def test_colours(signed_in: Desk) -> None:
    """A person's terminal has them, and what is told stands there as in a pipe."""
    with Session("doctor") as there:
        there.end()
        assert f"{ESCAPE}[32mok{ESCAPE}[0m" in there.shown
    with Session("models", "list", columns=200) as there:
        assert there.end() == 0
        assert "gemini-2.5-flash" in there.shown


@pytest.mark.parametrize(
    ("stdin", "stdout", "stderr"),
    list(itertools.product(("terminal", "nowhere", "closed"), repeat=3)),
)
def test_every_stream_leads_somewhere_else(
    signed_in: Desk, stdin: Leads, stdout: Leads, stderr: Leads
) -> None:
    """What works works, what fails fails with its code, wherever the streams lead."""
    with Session("models", "list", stdin=stdin, stdout=stdout, stderr=stderr) as there:
        assert there.end() == 0
        assert ("gemini-2.5-flash" in there.shown) is (stdout == "terminal")
    words = ("models", "get", "models/none")
    with Session(*words, stdin=stdin, stdout=stdout, stderr=stderr) as there:
        assert there.end() == 6
        assert ("error: " in there.shown) is (stderr == "terminal")
        assert "Traceback" not in there.shown


PRINTING = (("models", "list"), ("help",), ("print-access-token",))


def piped(script: str) -> str:
    """What stands in a terminal after bash has run a script there."""
    bash = shutil.which("bash")
    assert bash
    with Session("-c", script, command=(bash,)) as there:
        assert there.end() == 0
    return there.shown


@pytest.mark.parametrize("words", PRINTING, ids=" ".join)
def test_a_reader_that_goes_away(signed_in: Desk, words: tuple[str, ...]) -> None:
    """`| head -1` gets its line, and nobody complains: 0 or 141, as for any program."""
    command, code = " ".join([*GEMAUTH, *words]), "code ${PIPESTATUS[0]}"
    first, ended, *more = piped(f'{command} | head -1; echo "{code}"').splitlines()
    assert first
    assert ended in {"code 0", "code 141"}
    assert more == []
    assert piped(f'{command} | exec 0<&-; echo "{code}"') in {"code 0\n", "code 141\n"}


def test_nobody_reads_errors(signed_in: Desk) -> None:
    """A stderr whose reader is gone changes no result, and a failure is still one."""
    command = " ".join(GEMAUTH)
    shown = piped(
        f"{command} models get models/none 2> >(exec 0<&-; sleep 0.1); echo code $?; "
        f"{command} models list 2> >(exec 0<&-; sleep 0.1) >out; echo code $?"
    )
    assert shown in {"code 141\ncode 0\n", "code 6\ncode 0\n"}


WIDE = "開発者のモデル"


@pytest.fixture
def named(signed_in: Desk) -> Desk:
    """Tuned models whose names are wide, long, and written from right to left."""
    for at, name in enumerate((WIDE, "x" * 120, "נחמד", "naïve café 👩‍💻")):
        signed_in.server.control.create_tuned_model(
            f"model-{at}", owner=ADA, project="my-project", resource={"displayName": name}
        )
    return signed_in


@pytest.mark.parametrize("columns", [40, 80, 200])
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_a_table_in_any_window(named: Desk, columns: int, encoding: str) -> None:
    """No cell is cut, folded or lost, however narrow the window; names can be copied."""
    environ = {**os.environ, "PYTHONIOENCODING": encoding}
    with Session("tuned-models", "list", columns=columns, environ=environ) as there:
        assert there.end() == 0
    rows = [line for line in there.shown.splitlines() if "tunedModels/" in line]
    assert len(rows) == 5
    assert "x" * 120 in there.shown
    if encoding == "utf-8":
        assert WIDE in there.shown
        assert "👩‍💻" in there.shown
    else:
        assert "\\u958b" in there.shown
        assert there.shown.isascii()


def columns_of(text: str) -> int:
    """The column after a text of ASCII and wide letters."""
    return sum(1 if letter.isascii() else 2 for letter in text)


def test_wide_letters_are_aligned(signed_in: Desk) -> None:
    """What stands beside a wide name stands below its heading, as the terminal shows it."""
    signed_in.server.control.create_tuned_model(
        "wide", owner=ADA, project="my-project", resource={"displayName": WIDE}
    )
    for environ in ({"NO_COLOR": "1"}, {}):
        with Session(
            "tuned-models", "list", columns=200, environ={**os.environ, **environ}
        ) as there:
            assert there.end() == 0
        shown = re.sub(r"\x1b\[[0-9;]*m", "", there.shown)
        rows = [line for line in shown.splitlines() if "tunedModels/" in line]
        ends = {columns_of(line.partition("ACTIVE")[0]) for line in rows}
        assert len(ends) == 1, shown


@pytest.mark.parametrize(
    "words", [("help",), ("help", "share"), ("models", "--help")], ids=" ".join
)
def test_help_in_any_window(home: object, words: tuple[str, ...]) -> None:
    """Help is as wide as the window, and no wider than people read; one word may be wider."""
    widest = {}
    for columns in (40, 80, 200):
        with Session(*words, columns=columns) as there:
            assert there.end() == 0
        lines = there.shown.partition("\nexamples:")[0].splitlines()
        widest[columns] = max(len(line) for line in lines if " " in line.strip())
    assert widest[40] <= 40
    assert 40 < widest[80] <= 80
    assert widest[200] == widest[80]


def test_a_narrow_error(signed_in: Desk) -> None:
    """A failure in a narrow window is whole: the terminal wraps it, and nothing is cut."""
    with Session("models", "get", "models/none", columns=40) as narrow:
        assert narrow.end() == 6
    with Session("models", "get", "models/none", columns=200) as wide:
        assert wide.end() == 6
    assert narrow.shown == wide.shown
