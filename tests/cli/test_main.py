from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from time import time

import pytest

from gemauth.cli import main as module
from gemauth.client.cache.tokens import entry, store
from gemauth.client.token import AccessToken

TOKEN = "ya29.emu-cached"
FULL = Path("/dev/full")

# What a printed cached token may load beyond what a bare Python start has loaded.
ALLOWED = {
    "gemauth",
    "gemauth.cli",
    "gemauth.cli.cached",
    "gemauth.cli.main",
    "gemauth.client",
    "gemauth.client.cache",
    "gemauth.client.cache.places",
    "gemauth.client.cache.tokens",
    "__future__",
    "time",
    "_sha2",
    "_sha256",
    "encodings.ascii",
}


@pytest.fixture
def credentials(home: Path) -> Path:
    """A credential file in the well-known place, with a cached token."""
    path = home / ".config/gcloud/application_default_credentials.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(b'{"type": "authorized_user", "refresh_token": "none"}')
    place = entry(os.environ, path.read_bytes(), (), "")
    assert place is not None
    store(place, AccessToken(TOKEN, time() + 3600))
    return path


def gemauth(*words: str, **how: object) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, with no terminal."""
    command = [sys.executable, "-m", "gemauth", *words]
    options: dict[str, object] = {"stdin": subprocess.DEVNULL, "capture_output": True, **how}
    return subprocess.run(command, text=True, timeout=30, check=False, **options)  # type: ignore[call-overload,no-any-return]


def test_cached_token(credentials: Path) -> None:
    """A valid cached token is printed alone, with nothing on stderr."""
    done = gemauth("print-access-token")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{TOKEN}\n", "")


def test_cached_token_imports_nothing(credentials: Path) -> None:
    """Printing it loads the cache's reader and next to nothing else: start-up is a feature."""

    def modules(code: str) -> set[str]:
        dump = "import sys; {}; print(*sorted(sys.modules), file=sys.stderr)"
        # -I: without the guard's sitecustomize, which loads modules of its own
        command = [sys.executable, "-I", "-c", dump.format(code)]
        return set(
            subprocess.run(command, capture_output=True, text=True, check=True).stderr.split()
        )

    run = "from gemauth.cli.main import main; assert main(['print-access-token']) == 0"
    assert modules(run) - modules("pass") <= ALLOWED


@pytest.mark.parametrize("words", [("--version",), ("help",), ("models", "list", "--help")])
def test_ordinary_commands_stay_light(words: tuple[str, ...]) -> None:
    """Help and version load no network, no cryptography and no protobuf."""
    code = (
        "import sys; from gemauth.cli.main import main; "
        f"assert main({list(words)!r}) == 0; print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True
    )
    heavy = {"urllib3", "ssl", "cryptography", "google.protobuf", "rich", "starlette", "asyncio"}
    assert not heavy & set(done.stderr.split())


@pytest.mark.parametrize(
    ("words", "code", "stderr"),
    [
        (("--version",), 0, ""),
        (("modles",), 2, "error: gemauth has no command 'modles'.\n"),
        (("request", "GET"), 2, "error: gemauth request: "),
        (("models", "list", "--emulator", "https://example.com"), 2, "error: "),
    ],
)
def test_exit_codes(words: tuple[str, ...], code: int, stderr: str) -> None:
    """The process exits with the command's code; failures leave stdout empty."""
    done = gemauth(*words)
    assert done.returncode == code
    assert done.stderr.startswith(stderr)
    assert bool(done.stdout) == (code == 0)


def test_not_every_letter() -> None:
    """Where stdout cannot show a letter, its number stands there; json stays json."""
    environ = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = gemauth("help", "login", env=environ)
    assert done.returncode == 0
    assert "client_secret_\\u2026.json" in done.stdout


@pytest.mark.parametrize("words", [("--help",), ("help", "exit-codes"), ("print-access-token",)])
def test_reader_goes_away(words: tuple[str, ...], credentials: Path) -> None:
    """A closed pipe ends the command with 141 and not a word."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = gemauth(*words, capture_output=False, stdout=writer, stderr=subprocess.PIPE)
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (141, "")


def test_interrupted(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C exits with 130 and one word, wherever it comes."""

    def interrupted(words: object, *, alone: bool) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "_run", interrupted)
    assert module.main(["models", "list"]) == 130
    assert capsys.readouterr() == ("", "\nStopped.\n")


def test_words_of_the_process(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without words of its own, main takes the process's."""
    monkeypatch.setattr(sys, "argv", ["gemauth", "--version"])
    assert module.main() == 0
    assert capsys.readouterr().out.startswith("gemauth ")


@pytest.mark.skipif(not FULL.exists(), reason="no device that is always full")
@pytest.mark.parametrize("words", [("help", "exit-codes"), ("print-access-token",)])
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_full_disk(words: tuple[str, ...], unbuffered: str, credentials: Path) -> None:
    """Output that cannot be written is an error of the machine, never a success or a defect."""
    with FULL.open("w") as full:
        environ = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
        done = gemauth(
            *words, capture_output=False, stdout=full, stderr=subprocess.PIPE, env=environ
        )
    assert done.returncode == 1
    assert done.stderr == (
        "error: Standard output cannot be written: No space left on device.\n"
        "  fault: this machine\n"
        "  next: Send it to a place with room, and run the command again.\n"
    )


@pytest.mark.skipif(sys.platform == "win32", reason="descriptors are closed by a POSIX shell")
@pytest.mark.parametrize(
    ("closed", "words", "code"),
    [
        (">&-", "help exit-codes", 0),
        (">&-", "print-access-token", 0),
        ("2>&-", "modles", 2),
        ("<&-", "request POST /v1beta/models --data - --credentials nowhere.json", 6),
        ("<&- >&- 2>&-", "modles", 2),
    ],
)
def test_closed_streams(closed: str, words: str, code: int, credentials: Path) -> None:
    """A stream that is closed leads nowhere; the command does its work, and its exit code tells."""
    line = f"exec {sys.executable} -m gemauth {words} {closed}"
    done = subprocess.run(["/bin/sh", "-c", line], capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr


def test_typed_bytes_that_are_no_text(home: Path) -> None:
    """What was typed may be anything; it is no code then, and no defect."""
    client = home / "client.json"
    members = {"client_id": "1-emux.apps.googleusercontent.com", "client_secret": "GOCSPX-emu-x"}
    base = "http://127.0.0.1:9"
    members |= {"auth_uri": f"{base}/auth", "token_uri": f"{base}/token"}
    client.write_text(json.dumps({"installed": members}))
    words = ("login", "--client-id-file", str(client), "--no-browser")
    with subprocess.Popen(["printf", "\\377 x\\n"], stdout=subprocess.PIPE) as typed:
        done = gemauth(*words, stdin=typed.stdout)
    assert done.returncode == 2
    assert "neither an address with a code in it nor a code" in done.stderr
    assert "the input has ended" in done.stderr
