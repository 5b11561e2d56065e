"""The entry point of this gcloud: parse, carry out, and tell failures as gcloud does.

`ERROR: (gcloud.auth.application-default.login) …` on stderr with exit code 1, or 2 for a command
line that is not understood.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from gemauth.cli.console import Console, ReaderGoneError
from gemauth.cli.exit_codes import INTERRUPTED, READER_GONE
from gemauth.cli.failure import redact, report
from gemauth.cli.gcloud import account, adc, config
from gemauth.cli.gcloud.call import Call
from gemauth.cli.gcloud.errors import GrammarError
from gemauth.cli.gcloud.grammar import Flag, parse
from gemauth.errors import GemauthError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gemauth.cli.gcloud.grammar import Command

__all__ = ["COMMANDS", "EVERYWHERE", "main", "run"]

COMMANDS: tuple[Command, ...] = (*adc.COMMANDS, *account.COMMANDS, *config.COMMANDS)
EVERYWHERE = (
    Flag("account"),
    Flag("billing-project"),
    Flag("configuration"),
    Flag("format"),
    Flag("help", "switch", "h"),
    Flag("impersonate-service-account"),
    Flag("log-http", "switch"),
    Flag("project"),
    Flag("quiet", "switch", "q"),
    Flag("user-output-enabled", "switch"),
    Flag("verbosity"),
    Flag("version", "switch", "v"),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line (sys.argv's by default) and return the exit code; never a traceback."""
    words = sys.argv[1:] if arguments is None else arguments
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # closed: `gcloud … <&-`
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115
    try:
        code = run(words, Console(sys.stdin, sys.stdout, sys.stderr, os.environ))
        sys.stdout.flush()
    except KeyboardInterrupt:
        sys.stderr.write("\n\nCommand killed by keyboard interrupt\n")
        return INTERRUPTED
    except ReaderGoneError:
        code = READER_GONE
    except BrokenPipeError:
        code = READER_GONE
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return code


def run(arguments: Sequence[str], console: Console) -> int:
    """Carry a command line out and return the exit code."""
    path: tuple[str, ...] = ()
    tells = True
    try:
        parsed = parse(arguments, COMMANDS, EVERYWHERE)
        path = parsed.path
        if parsed.wants_help or parsed.command is None:
            console.write(usage(path))
            return 0
        call = Call(parsed, console)
        tells = call.tells_errors
        return parsed.command.run(call)
    except GrammarError as error:
        _report(error, error.path or path, console)
        console.warn(f"\n{usage(error.path or path, flags=False)}".rstrip())
        return 2
    except GemauthError as error:
        if tells:
            _report(error, path, console)
        return 1
    except (ReaderGoneError, BrokenPipeError):
        raise
    except Exception as error:  # noqa: BLE001  # told without what might be a secret in it
        report(error, console)
        return 1


def usage(path: tuple[str, ...], *, flags: bool = True) -> str:
    """Return the commands below a path, with their flags or without, and where the others are."""
    below = [one for one in COMMANDS if one.path[: len(path)] == path] or list(COMMANDS)
    lines = ["gemauth's stand-in for gcloud, for programs inside gemauth emulator run.", ""]
    for one in below:
        lines.append(f"  gcloud {' '.join((*one.path, *one.words))}")
        if flags:
            lines += [f"      {one.summary}", *(f"      {flag.usage}" for flag in one.flags)]
    if flags:
        lines += ["", "Everywhere:", *(f"      {flag.usage}" for flag in EVERYWHERE)]
    lines += [
        "",
        "Nothing else is understood. Where the real gcloud is installed, it takes this one's place",
        "with gemauth emulator run --gcloud=system.",
    ]
    return "\n".join(lines) + "\n"


def _report(error: GemauthError, path: tuple[str, ...], console: Console) -> None:
    where = ".".join(("gcloud", *path))
    text = error.message if error.next_step is None else f"{error.message}\n{error.next_step}"
    # The client's advice names gemauth's own command; this one takes the same flags.
    text = text.replace("gemauth login", "gcloud auth application-default login")
    console.warn(f"ERROR: ({where}) {redact(text)}")
