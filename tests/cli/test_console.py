from __future__ import annotations

import io

import pytest

from gemauth.cli.console import Console, ReaderGoneError
from gemauth.errors import UsageError
from tests.cli.terminal import Closed, Stream, Terminal

ROWS = [{"name": "models/a", "note": "[red]x"}]


def test_results_and_talk_apart() -> None:
    """Results go to stdout, talk to stderr; --quiet silences say but not warn."""
    there = Terminal()
    there.console.print("result")
    there.console.say("talk")
    there.console.quiet = True
    there.console.say("unheard")
    there.console.warn("heard")
    assert (there.out, there.err) == ("result\n", "talk\nheard\n")


def test_records_json() -> None:
    """As json, a list is an array with every member, also those that no column shows; empty too."""
    there = Terminal()
    there.console.format = "json"
    there.console.records(ROWS, ("name",))
    assert there.json == ROWS
    empty = Terminal()
    empty.console.format = "json"
    empty.console.records([], ("name",))
    assert empty.json == []


def test_records_nothing() -> None:
    """As a table, an empty list leaves stdout empty and says so on stderr."""
    there = Terminal()
    there.console.records([], ("name",), nothing="Nothing there.")
    assert (there.out, there.err) == ("", "Nothing there.\n")


def test_record() -> None:
    """One thing is an object as json and lines for people."""
    there = Terminal()
    there.console.record({"name": "x"})
    there.console.format = "json"
    there.console.record({"name": "x"})
    assert there.out == 'name  x\n{\n  "name": "x"\n}\n'


def test_rich_only_on_a_terminal() -> None:
    """A pipe gets plain text; a terminal gets rich's styles, unless NO_COLOR is set."""
    pipe, person, plain = (
        Terminal(),
        Terminal(tty=True),
        Terminal(tty=True, environ={"NO_COLOR": "1"}),
    )
    for there in (pipe, person, plain):
        there.console.records(ROWS, ("name", "note"))
    assert pipe.out == plain.out == "NAME      NOTE\nmodels/a  [red]x\n"
    assert "\x1b[1m" in person.out
    assert "[red]x" in person.out  # what a server sends is no markup


def test_the_width_that_is_asked_for() -> None:
    """COLUMNS goes before what a terminal says of itself, and means nothing in a pipe."""
    assert Terminal(tty=True, environ={"COLUMNS": "50"}).console.columns(80) == 50
    assert Terminal(tty=True, environ={"COLUMNS": "500"}).console.columns(80) == 80
    assert Terminal(tty=True, environ={"COLUMNS": "wide"}).console.columns(80) == 80
    assert Terminal(environ={"COLUMNS": "50"}).console.columns(80) == 80


def test_names_can_be_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a table is wider than the terminal, its lines go on; no cell is folded or cut."""
    name = "tunedModels/my-model/permissions/" + "x" * 40
    monkeypatch.setenv("COLUMNS", "60")
    there = Terminal(tty=True)
    there.console.records([{"name": name, "note": "ok"}], ("name", "note"))
    assert f"{name}  ok\n" in there.out
    monkeypatch.setenv("COLUMNS", "100")
    wide = Terminal(tty=True)
    wide.console.records([{"name": name, "note": "ok"}], ("name", "note"))
    assert "\x1b[1m" in wide.out
    assert f"{name}  ok" in wide.out


def test_terminal_without_rich(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without rich installed, a terminal gets the plain table."""
    monkeypatch.setitem(__import__("sys").modules, "rich.console", None)
    there = Terminal(tty=True)
    there.console.records(ROWS, ("name",))
    assert there.out == "NAME\nmodels/a\n"


def test_ask() -> None:
    """The prompt goes to stderr, the answer comes stripped, from a pipe as well."""
    there = Terminal("  hello \n")
    assert there.console.ask("Word: ") == "hello"
    assert (there.out, there.err) == ("", "Word: ")


def test_ask_nobody() -> None:
    """Where the input has ended, a question is a usage error and never a wait."""
    with pytest.raises(UsageError, match="the input has ended"):
        Terminal().console.ask("Word: ")


def test_ask_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret line typed at a terminal is read without echo."""
    asked = []

    def getpass(prompt: str, stream: object) -> str:
        asked.append(prompt)
        return "s3cret "

    monkeypatch.setattr("getpass.getpass", getpass)
    assert Terminal(tty=True).console.ask("Secret: ", secret=True) == "s3cret"
    assert asked == ["Secret: "]


@pytest.mark.parametrize(
    ("typed", "agreed"), [("y\n", True), ("YES\n", True), ("n\n", False), ("\n", False)]
)
def test_confirm(typed: str, agreed: object) -> None:
    """A person has to say yes; Enter alone is no."""
    there = Terminal(typed, tty=True)
    assert there.console.confirm("Sure?") is agreed
    assert there.err == "Sure? [y/N] "


def test_confirm_nobody() -> None:
    """Without a terminal, or with --quiet, nothing is asked."""
    pipe, quiet = Terminal(), Terminal("n\n", tty=True)
    quiet.console.quiet = True
    assert pipe.console.confirm("Sure?")
    assert quiet.console.confirm("Sure?")
    assert pipe.err == quiet.err == ""


def test_bytes() -> None:
    """Bytes pass unchanged in both directions, in their place among text."""
    there = Terminal()
    there.console.write("a\n")
    there.console.write_bytes(b"\xff\x00")
    assert there.stdout.bytes.getvalue() == b"a\n\xff\x00"
    assert Terminal("body\n").console.read() == b"body\n"


def test_reader_gone() -> None:
    """A reader that goes away is told from an error of the network."""
    console = Console(Stream(), Closed(), Closed(), {})
    for use in (console.print, console.warn):
        with pytest.raises(ReaderGoneError):
            use("text")


def test_reader_gone_later() -> None:
    """It may be noticed only when the buffer is handed on, or when bytes are written."""

    class Broken(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, data: object) -> int:
            raise BrokenPipeError

    stream = io.TextIOWrapper(io.BufferedWriter(Broken()))
    console = Console(Stream(), stream, Stream(), {})
    console.write("buffered")
    with pytest.raises(ReaderGoneError):
        console.flush()
    with pytest.raises(ReaderGoneError):
        console.write_bytes(b"x")
    with pytest.raises(BrokenPipeError):
        stream.detach()


def test_json_on_another_encoding() -> None:
    """Json is readable in UTF-8, and escaped where stdout is not UTF-8."""
    raw = io.BytesIO()
    ascii_only = io.TextIOWrapper(raw, encoding="ascii", write_through=True)
    Console(Stream(), ascii_only, Stream(), {}).json("é")
    assert raw.getvalue() == b'"\\u00e9"\n'
    there = Terminal()
    there.console.json("é")
    assert there.out == '"é"\n'


def test_json_moves_no_cursor() -> None:
    """Control characters that JSON leaves alone are escaped too, in names of members as well."""
    there = Terminal()
    said = {"na\x9bme": ["\x9b2J", "\x7f", "\x1b[2J", "é\x85"]}
    there.console.json(said)
    assert there.json == said
    assert not any("\x7f" <= letter <= "\x9f" or letter == "\x1b" for letter in there.out)
    assert "é" in there.out


def test_what_a_server_says_moves_no_cursor() -> None:
    """Control characters in what is told (a server's words, say) are shown as spaces."""
    there = Terminal()
    there.console.warn("error: \x1b[2J\x1b]0;owned\x07gone\x9b1m\rback\n\tnext")
    assert there.err == "error:  [2J ]0;owned gone 1m back\n\tnext\n"


def test_nowhere_to_tell_it() -> None:
    """Where stderr takes no more, there is nobody to talk to either."""

    class Full(Stream):
        def write(self, text: str) -> int:
            raise OSError(28, "No space left on device")

    with pytest.raises(ReaderGoneError):
        Console(Stream(), Stream(), Full(), {}).warn("text")
