"""`gemauth emulator start|stop|status`: the emulator's process."""

from __future__ import annotations

import gc
import json
import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

from gemauth.cli.command import CONNECTION, Command, Example
from gemauth.cli.emulator import extra
from gemauth.cli.emulator.where import add_data, control, data_folder
from gemauth.errors import Fault, NotFoundError, UnreachableError, UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from gemauth.cli.console import Console
    from gemauth.emulator.server.banner import Started

__all__ = ["START", "STATUS", "STOP"]

PORT = 8085
"""The port of an emulator unless told otherwise: a fixed one, because client files name it."""
PATIENCE = 10.0
"""Seconds that `stop` waits: three times what requests in flight get to finish."""


def start_arguments(parser: ArgumentParser) -> None:
    """Take where it listens, where it keeps its data, and the loosenings."""
    parser.add_argument(
        "--port",
        type=int,
        default=PORT,
        metavar="N",
        help=f"listen on this port; 0 takes any free one (default: {PORT})",
    )
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        metavar="ADDRESS",
        help="listen on this loopback address: 127.0.0.1 (the default), ::1 or localhost",
    )
    add_data(parser)
    parser.add_argument(
        "--in-memory", action="store_true", help="keep nothing: all is gone when it stops"
    )
    parser.add_argument(
        "--seed",
        metavar="FILE",
        help="make everything that this JSON or TOML file declares (see docs/control-api.md)",
    )
    parser.add_argument(
        "--log",
        action="store_true",
        help="write each request's method, path and status to standard error, never a query",
    )
    parser.add_argument(
        "--accept-standard-api-keys-on-tuned-models",
        action="store_true",
        help="loosen: let an API key that names only a project use the project's tuned models",
    )
    parser.add_argument(
        "--tunnel-other-hosts",
        action="store_true",
        help="loosen: as a proxy, carry connections to hosts that are not Google's, through "
        "HTTPS_PROXY where it is set; Google's own are never carried",
    )


def start(args: Namespace, console: Console) -> int:
    """Run an emulator until it is stopped."""
    if args.in_memory and args.data:
        raise UsageError("--in-memory and --data exclude each other.")
    gc.disable()  # what is imported now stays for good: looking for garbage in it costs 5 %
    with extra.needed():
        from gemauth.emulator.server.serve import serve
        from gemauth.emulator.settings import Settings
    settings = Settings(
        data=None if args.in_memory else data_folder(args, console),
        host=args.host,
        port=args.port,
        seed=None if args.seed is None else Path(args.seed),
        accept_standard_api_keys_on_tuned_models=args.accept_standard_api_keys_on_tuned_models,
        tunnel_other_hosts=args.tunnel_other_hosts,
    )

    def announce(started: Started) -> None:
        gc.freeze()
        gc.enable()
        if console.format == "json":
            console.print(json.dumps(started.to_json()))
            console.flush()
        else:
            console.say(started.to_text())

    serve(settings, announce, console.stderr, log_requests=args.log, environ=console.environ)
    return 0


def stop(args: Namespace, console: Console) -> int:
    """Stop the emulator of a data folder and wait until it has ended."""
    from gemauth.client.control import Control
    from gemauth.emulator.server import announcement, lock

    folder = data_folder(args, console)
    found = announcement.read(folder)
    if found is None or not lock.held(folder):
        raise NotFoundError(f"No emulator runs on {folder}.")
    with Control(found.address) as emulator:
        # The file may be older than the process that has its number now: ask before the signal.
        pid = emulator.status()["pid"]
    if pid != found.pid:
        raise UnreachableError(
            f"Another emulator answers at {found.address} than the one of {folder}.",
            fault=Fault.MACHINE,
            next_step=f"Stop the one of {folder} where it was started.",
        )
    os.kill(found.pid, signal.SIGTERM)
    end = console.clock.monotonic() + PATIENCE
    while lock.held(folder):
        if console.clock.monotonic() > end:
            raise UnreachableError(
                f"The emulator (process {found.pid}) has not ended within {PATIENCE:.0f} seconds.",
                fault=Fault.MACHINE,
                next_step=f"End it: kill -9 {found.pid} (nothing that it has answered is lost).",
            )
        time.sleep(0.02)
    console.say(f"Stopped the emulator at {found.address}.")
    return 0


def status(args: Namespace, console: Console) -> int:
    """Show what an emulator is and holds."""
    with control(args, console) as emulator:
        console.record(emulator.status())
    return 0


START = Command(
    "start",
    "Run an emulator on this machine, until Ctrl-C.",
    start,
    start_arguments,
    details=(
        "It listens on a loopback address only, asks for no password, and enforces what Google "
        "does: scopes, expiry, revocation, test users, API enablement, quota project and roles. "
        "With --format json one line of JSON on standard output says when and where it answers."
    ),
    examples=(
        Example("Keep data in the usual place", "gemauth emulator start"),
        Example("For one test run", "gemauth emulator start --in-memory --port 0 --format json"),
        Example("With everything set up", "gemauth emulator start --in-memory --seed seed.json"),
    ),
)
STOP = Command(
    "stop",
    "Stop the emulator of a data folder.",
    stop,
    add_data,
    examples=(Example("The usual one", "gemauth emulator stop"),),
)
STATUS = Command(
    "status",
    "Show what an emulator is and holds.",
    status,
    add_data,
    options=CONNECTION,
    examples=(
        Example("The usual one", "gemauth emulator status"),
        Example("Another one", "gemauth emulator status --emulator http://127.0.0.1:9000"),
    ),
)
