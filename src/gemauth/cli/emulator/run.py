"""`gemauth emulator run -- COMMAND…`: any program, unmodified, against an emulator.

Only the way through it is here; what each part does stands in `gemauth/run/`.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gemauth.cli.command import Command, Example
from gemauth.cli.emulator import extra
from gemauth.client.target import EMULATOR_VARIABLE
from gemauth.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Mapping, Sequence

    from gemauth.cli.console import Console
    from gemauth.run.folder import Folder
    from gemauth.run.world import Wanted, World

__all__ = ["RUN"]

_OURS = frozenset({"gcloud", "gemauth", "gemauth-browser"})  # what bin/ of a run may have


def arguments(parser: ArgumentParser) -> None:
    """Take the command, which emulator, whose credentials."""
    parser.add_argument(
        "command",
        nargs=argparse.REMAINDER,
        metavar="COMMAND…",
        help="the program and its arguments, after --",
    )
    parser.add_argument(
        "--emulator",
        metavar="URL",
        help="join the emulator that runs there (overrides GEMAUTH_EMULATOR) instead of starting "
        "one; what it has stays",
    )
    parser.add_argument(
        "--data",
        metavar="DIR",
        help="keep the data of the run's own emulator there (default: in memory, gone at the end)",
    )
    parser.add_argument(
        "--seed",
        metavar="FILE",
        help="make everything that this JSON or TOML file declares (see docs/control-api.md)",
    )
    parser.add_argument(
        "--project",
        metavar="ID",
        help="the program's project (default: the first there is, or a new one, ready for use)",
    )
    whose = parser.add_mutually_exclusive_group()
    whose.add_argument(
        "--as",
        dest="person",
        metavar="EMAIL",
        help="run with the credentials of this person, who has signed in (default: a test user)",
    )
    whose.add_argument(
        "--as-service-account",
        dest="service_account",
        metavar="NAME",
        help="run with those of a service account of the project, by its id or address",
    )
    whose.add_argument(
        "--no-credentials",
        action="store_true",
        help="run with none: the program signs in by itself",
    )
    parser.add_argument(
        "--scopes",
        metavar="A,B",
        help="what the person has consented to (default: cloud-platform, tuning and retriever); "
        "short names are accepted",
    )
    parser.add_argument(
        "--attach",
        choices=("key", "metadata"),
        default="key",
        help="give the service account by its key file (the default) or by the metadata server, "
        "as on a machine of Google's",
    )
    parser.add_argument(
        "--auto-consent",
        metavar="EMAIL",
        help="have this person consent to every sign-in that the program starts, with no browser",
    )
    parser.add_argument(
        "--gcloud",
        choices=("shim", "system"),
        default="shim",
        help="the gcloud on PATH: gemauth's own, for the quickstart's commands (the default), or "
        "the system's",
    )
    parser.add_argument(
        "--keep-api-keys",
        action="store_true",
        help="leave GOOGLE_API_KEY and GEMINI_API_KEY in the program's environment",
    )
    parser.add_argument(
        "--tunnel-other-hosts",
        action="store_true",
        help="loosen: let the program reach hosts that are not Google's, which are refused else",
    )
    parser.add_argument(
        "--isolate",
        action="store_true",
        help="run it where the kernel knows no network but this machine's emulator: nothing can "
        "leave, whatever language it is written in (Linux; no root needed)",
    )
    parser.add_argument(
        "--print-environment",
        action="store_true",
        help="run nothing: print the environment for a shell (or as JSON, with --format json), and "
        "keep the emulator until Ctrl-C",
    )


def run(args: Namespace, console: Console) -> int:
    """Run a program; return its exit code."""
    from gemauth.client.control import Control
    from gemauth.run import child, environment, world
    from gemauth.run.bundle import system_bundle
    from gemauth.run.folder import run_folder

    command = _command(args, console)
    document = _seed(args, console)
    with child.cleaned_up(), ExitStack() as stack:
        joined = args.emulator or console.environ.get(EMULATOR_VARIABLE) or None
        address = joined or _start(args, console, stack)
        control = stack.enter_context(Control(address))
        there = stack.enter_context(
            world.prepared(control, address, _wanted(args, own=joined is None), document)
        )
        folder = stack.enter_context(run_folder())
        java = shutil.which("java", path=console.environ.get("PATH")) is not None
        certificate = str(control.call("GET", "ca")["certificate"])
        folder.trust(certificate, system_bundle(console.environ), java=java)
        folder.preloads(_place(address))
        folder.command("gemauth-browser", "gemauth.run.browser")
        if args.gcloud == "shim":
            folder.command("gcloud", "gemauth.cli.gcloud")
        elif args.auto_consent is not None:
            folder.command("gcloud", "gemauth.run.gcloud_system")
        if shutil.which("gemauth", path=console.environ.get("PATH")) is None:
            folder.command("gemauth", "gemauth")
        given = environment.Given(
            address,
            folder.path,
            project=there.project,
            credentials=_credentials(folder, there),
            metadata=there.metadata,
            auto_consent=args.auto_consent,
            keep_api_keys=args.keep_api_keys,
            java=java,
        )
        environ = environment.child_environment(console.environ, given)
        command[:1] = [child.locate(word, environ["PATH"]) for word in command[:1]]
        console.say(_banner(address, there, joined=joined is not None, data=args.data))
        if args.print_environment:
            with child.until_signalled() as wait:
                _print_environment(environ, console)
                console.say("It is there until Ctrl-C.")
                wait()
            return 0
        if not args.isolate:
            return child.run(command, environ)
        from gemauth.run.isolation import isolated

        isolation = stack.enter_context(isolated(address, folder.path))
        return child.run(isolation.wrap(command), environ, inherit=isolation.descriptors)


def _command(args: Namespace, console: Console) -> list[str]:
    """Return the program's words, the first of them a path; warn of what cannot work for it.

    What the run itself may put first on PATH stays a name, to be looked up there.

    Raises:
        UsageError: there is none, or one that cannot be run.
    """
    from gemauth.run import child, layers

    words: list[str] = args.command[1:] if args.command[:1] == ["--"] else args.command
    if args.print_environment:
        if words:
            raise UsageError("--print-environment runs no command.")
        if args.isolate:
            raise UsageError("--isolate is of a command, and --print-environment runs none.")
        return []
    if args.isolate and args.tunnel_other_hosts:
        raise UsageError("--isolate lets nothing out, and so has no --tunnel-other-hosts.")
    if not words:
        raise UsageError(
            "There is no command to run.", next_step="gemauth emulator run -- python app.py"
        )
    if words[0] in _OURS:
        return list(words)
    found = child.locate(words[0], console.environ.get("PATH") or os.defpath)
    first_line = ""
    with suppress(OSError), Path(found).open("rb") as file:  # a program need not be readable
        first_line = file.readline(256).decode(errors="replace").rstrip()
    for warning in layers.warnings(words, first_line):
        console.warn(f"warning: {warning}")
    return [found, *words[1:]]


def _seed(args: Namespace, console: Console) -> Mapping[str, object] | None:
    if args.seed is None:
        return None
    from gemauth.cli.emulator.tuned_models import document

    return document(args.seed, console)


def _start(args: Namespace, console: Console, stack: ExitStack) -> str:
    """Start the run's own emulator; return its address."""
    with extra.needed():
        from gemauth.emulator.settings import Settings
        from gemauth.run.served import served
    settings = Settings(
        data=None if args.data is None else Path(args.data).absolute(),
        tunnel_other_hosts=args.tunnel_other_hosts,
    )
    emulator = stack.enter_context(served(settings, console.stderr, console.environ))
    return emulator.started.address


def _wanted(args: Namespace, *, own: bool) -> Wanted:
    from gemauth.google import scopes
    from gemauth.run.world import Wanted

    if not own and (args.data or args.tunnel_other_hosts):
        raise UsageError(
            "--data and --tunnel-other-hosts are for an emulator of the run's own.",
            next_step=f"Give them to the emulator that runs, or unset {EMULATOR_VARIABLE}.",
        )
    if args.attach == "metadata" and args.service_account is None:
        raise UsageError("--attach metadata goes with --as-service-account NAME.")
    return Wanted(
        "none" if args.no_credentials else "service-account" if args.service_account else "person",
        project=args.project,
        person=args.person,
        service_account=args.service_account,
        attach=args.attach,
        auto_consent=args.auto_consent,
        scopes=scopes.DEFAULT if args.scopes is None else scopes.expand(args.scopes),
        own=own,
        keeps=args.data is not None,
    )


def _place(address: str) -> tuple[str, int]:
    """Return the emulator's address and port.

    Raises:
        UsageError: it is not the address that programs are led to.
    """
    parts = urlsplit(address)
    if parts.hostname not in {"127.0.0.1", "localhost"}:
        raise UsageError(
            f"A run needs an emulator on 127.0.0.1, and not at {address}.",
            next_step="Start it with --host 127.0.0.1, or let the run start its own.",
        )
    return "127.0.0.1", parts.port or 80


def _credentials(folder: Folder, there: World) -> Path | None:
    """Write the credentials and the OAuth client; return the credential file's path."""
    if there.client is not None:
        folder.secret("client_secret.json", there.client.to_json())
    return None if there.credentials is None else folder.secret("adc.json", there.credentials)


def _banner(address: str, there: World, *, joined: bool, data: str | None) -> str:
    where = "joined" if joined else "in memory" if data is None else str(Path(data).absolute())
    if there.service_account is not None:
        way = "attached by the metadata server" if there.metadata else "by its key"
        who = f"{there.service_account}, {way}"
    elif there.credentials is not None:
        who = f"{there.person}, signed in"
    else:
        who = "no credentials"
    return (
        f"gemauth emulator at {address} ({where}), not Google: project {there.project}, {who}.\n"
        "Inside, $GEMAUTH_RUN has client_secret.json and the rest; gemauth emulator requests tells "
        "what was called."
    )


def _print_environment(environ: Mapping[str, str], console: Console) -> None:
    from gemauth.run.environment import difference

    changed, gone = difference(console.environ, environ)
    if console.format == "json":
        console.json({"set": changed, "unset": gone})
    else:
        console.write("".join(_lines(changed, gone)))
    console.flush()


def _lines(changed: Mapping[str, str], gone: Sequence[str]) -> list[str]:
    return [
        *(f"export {name}={shlex.quote(value)}\n" for name, value in changed.items()),
        *(f"unset {name}\n" for name in gone),
    ]


RUN = Command(
    "run",
    "Run any program, unmodified, against an emulator instead of Google.",
    run,
    arguments,
    details=(
        "Whatever the program sends to Google's hosts ends at an emulator on this machine, over "
        "TLS that it trusts, with credentials ready; hosts of Google's that no emulator serves are "
        "refused, and so are all others unless --tunnel-other-hosts is given. Proxy and "
        "certificate variables do it for any language; Python and Node programs are also led there "
        "when they ignore those.\n\n"
        "The exit code is the program's, 128 + n where signal n ended it; 127 where there is no "
        "such command, 126 where it cannot be run. Without a terminal, what the program leaves "
        "running is ended with it.\n\n"
        "A command that cleans the environment (sudo, tox, a container) needs it handed on: see "
        "--print-environment, or tox's pass_env. python -I, -E and -S, and programs frozen into "
        "one file, do not load the part for Python.\n\n"
        "What ignores all of that is reached by --isolate, where Linux permits user namespaces: a "
        "network of the program's own in which Google's names lead to the emulator and no others "
        "exist. It sees no other server of this machine, unless by a socket file such as Docker's; "
        "and what runs as root can leave any namespace that it wants to."
    ),
    examples=(
        Example("A program as it is", "gemauth emulator run -- python app.py"),
        Example(
            "One that signs in by itself",
            "gemauth emulator run --no-credentials --auto-consent ada@example.com -- python app.py",
        ),
        Example(
            "As on a machine of Google's",
            "gemauth emulator run --as-service-account my-robot --attach metadata -- ./server",
        ),
        Example("With nothing else in reach", "gemauth emulator run --isolate -- make test"),
        Example("For a shell", "gemauth emulator run -- bash"),
        Example("For tox", "gemauth emulator run --print-environment > run.env &"),
    ),
)
