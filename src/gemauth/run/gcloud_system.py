"""The real gcloud in a run with `--auto-consent`: `python -m gemauth.run.gcloud_system ARGS…`.

A login without a browser here waits for a line that a person would paste. This starts the gcloud
that is found further down PATH, hands on all that it writes, and where it shows such a sign-in has
the person consent and pastes the answer. Any other command becomes that gcloud at once. gcloud's
part is google-oauth.md 7.1, the consent `run/consent.py`.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from gemauth.client.target import EMULATOR_VARIABLE
from gemauth.errors import GemauthError, NotFoundError
from gemauth.google.client_secret import GCLOUD_CODE_PAGES
from gemauth.google.endpoints import loopback_base
from gemauth.run import consent
from gemauth.run.environment import AUTO_CONSENT_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["is_login", "main", "pasted", "real_gcloud"]

_URL = re.compile(r"https?://[^\s\"']+/o/oauth2/[^\s\"']+")
_AT_ONCE = 65536  # bytes


def is_login(words: Sequence[str]) -> bool:
    """Whether a command line may wait for a pasted answer."""
    return "login" in words and "auth" in words and not any(_helps(word) for word in words)


def _helps(word: str) -> bool:
    return word in {"--help", "-h"} or word.startswith("--remote-bootstrap")


def real_gcloud(environ: Mapping[str, str]) -> str:
    """Return the path of the gcloud that is no script of a run.

    Raises:
        NotFoundError: there is none on PATH.
    """
    folders = environ.get("PATH", os.defpath).split(os.pathsep)
    # A run inside a run has both on PATH, and the outer one's script would find itself for ever.
    rest = os.pathsep.join(f for f in folders if f and not (Path(f) / "gemauth-browser").exists())
    found = shutil.which("gcloud", path=rest)
    if found is None:
        raise NotFoundError(
            "There is no gcloud on PATH beside gemauth's own.",
            next_step="Install the Google Cloud CLI, or use gemauth emulator run --gcloud=shim.",
        )
    return found


def pasted(line: str, email: str, address: str) -> str | None:
    """Return what a person would paste after gcloud has shown a line; None where nothing.

    A sign-in that comes back to a listener of gcloud's own is the browser's part.

    Args:
        line: as gcloud wrote it.
        email: who consents.
        address: the emulator's.

    Raises:
        GemauthError: the sign-in ended on a page, or is none of this emulator's.
    """
    found = _URL.search(line)
    if found is None:
        return None
    redirect_uri = consent.redirect_uri_of(found[0])
    if redirect_uri is not None and redirect_uri not in GCLOUD_CODE_PAGES:
        return None
    redirect = consent.answer(found[0], email, address)
    if redirect_uri is None:
        # https, as the helping gcloud prints it: oauthlib takes nothing else.
        return f"https:{redirect.partition(':')[2]}"
    return parse_qs(urlsplit(redirect).query).get("code", [""])[0]


def main(argv: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run the real gcloud and return its exit code.

    Args:
        argv: gcloud's arguments.
        environ: the run's.
    """
    email = environ.get(AUTO_CONSENT_VARIABLE)
    address = loopback_base(environ.get(EMULATOR_VARIABLE, ""))
    try:
        gcloud = real_gcloud(environ)
    except NotFoundError as error:
        sys.stderr.write(f"gemauth: gcloud: {error}\n")
        return 127
    if not email or address is None or not is_login(argv):
        os.execve(gcloud, [gcloud, *argv], dict(environ))  # noqa: S606  # what the person asked for
    return _answered(
        [gcloud, *argv],
        # Its questions are answered by their defaults: the consent is given (7.1).
        {**environ, "CLOUDSDK_CORE_DISABLE_PROMPTS": "1"},
        lambda line: pasted(line, email, address),
    )


def _answered(
    command: Sequence[str], environ: Mapping[str, str], answer: Callable[[str], str | None]
) -> int:
    child = subprocess.Popen(  # noqa: S603  # what the person asked for
        command,
        env=dict(environ),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    assert child.stderr is not None
    feed = _Feed(child, child.stdin, answer)
    threads = [
        threading.Thread(target=feed.hand_on, args=(source, target), daemon=True)
        for source, target in (
            (child.stdout, sys.stdout.buffer),
            (child.stderr, sys.stderr.buffer),
        )
    ]
    for thread in threads:
        thread.start()
    try:
        code = child.wait()
    except KeyboardInterrupt:  # the terminal has told gcloud too
        code = child.wait()
    for thread in threads:
        thread.join()
    with contextlib.suppress(OSError):
        child.stdin.close()
    if feed.failure is not None:
        sys.stderr.write(f"gemauth: gcloud: {feed.failure}\n")
        return 1
    return 128 - code if code < 0 else code


class _Feed:
    """Hands on what gcloud writes, and pastes the answer when it shows a sign-in."""

    def __init__(
        self,
        child: subprocess.Popen[bytes],
        stdin: IO[bytes],
        answer: Callable[[str], str | None],
    ) -> None:
        self._child = child
        self._stdin = stdin
        self._answer = answer
        self._lock = threading.Lock()
        self._done = False
        self.failure: GemauthError | None = None

    def hand_on(self, source: IO[bytes], target: IO[bytes]) -> None:
        """Copy a stream to its end; look at each whole line."""
        rest = b""
        while piece := os.read(source.fileno(), _AT_ONCE):
            target.write(piece)
            target.flush()
            *lines, rest = (rest + piece).split(b"\n")
            for line in lines:
                self._see(line.decode("utf-8", "replace"))
        source.close()

    def _see(self, line: str) -> None:
        with self._lock:
            if self._done:
                return
            try:
                answer = self._answer(line)
                if answer is None:
                    return
                self._done = True
                self._stdin.write(f"{answer}\n".encode())
                self._stdin.close()  # should it ask for more, it ends and does not wait
            except GemauthError as error:
                self._done = True
                self.failure = error
                # gcloud's script need not have become its program: that one's input ends too.
                self._child.terminate()
                self._stdin.close()
            except OSError:  # gcloud has ended meanwhile; its own words say why
                self._done = True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
