"""`gemauth serve-metadata`: a metadata server on loopback that hands out tokens."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from gemauth.cli.command import ACTING, Command, Example

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from gemauth.cli.console import Console

__all__ = ["COMMAND"]


def arguments(parser: ArgumentParser) -> None:
    """Take the port."""
    parser.add_argument(
        "--port", type=int, default=0, metavar="PORT", help="listen there (default: any free port)"
    )


def run(args: Namespace, console: Console) -> int:
    """Serve until somebody ends it."""
    from gemauth.cli.connect import find, transport
    from gemauth.client.sdk.metadata_server import MetadataServer
    from gemauth.run import child

    with transport(args, console) as sender:
        credentials = find(args, console, sender).credentials
        credentials.token(transport=sender)  # what cannot work is told now, and here
        with (
            child.until_signalled() as wait,  # before it there is no thread to end
            MetadataServer(credentials, args.port, transport=sender, clock=console.clock) as server,
        ):
            names = ("GCE_METADATA_HOST", "GCE_METADATA_IP", "GCE_METADATA_ROOT")
            variables = dict.fromkeys(names, server.host)
            if credentials.quota_project is not None:
                variables["GOOGLE_CLOUD_QUOTA_PROJECT"] = credentials.quota_project
            if console.format == "json":
                console.json({"set": variables})
            else:
                console.write(
                    "".join(f"export {k}={shlex.quote(v)}\n" for k, v in variables.items())
                )
            console.flush()
            console.say(
                f"Tokens of {credentials.account or credentials.kind} for every program and every "
                f"user of this machine, at http://{server.host}. Ctrl-C ends it."
            )
            if credentials.endpoints.is_emulator:
                console.warn("warning: they are an emulator's, and Google refuses them.")
            wait()
    return 0


COMMAND = Command(
    "serve-metadata",
    "Hand out tokens as a Google machine's metadata server does.",
    run,
    arguments,
    options=ACTING,
    details="For tools and containers that read no credential file, or must not have one: they get "
    "tokens of about an hour, and never what renews them. It prints the variables that lead there, "
    "for eval; a container needs this machine's network (docker run --network host).\n\n"
    "It listens on 127.0.0.1 alone. The protocol knows no password: whoever can run a program on "
    "this machine gets tokens while it serves; ID tokens too, if it is a service account that it "
    "serves.",
    examples=(
        Example(
            "As a service account, without its key",
            "gemauth serve-metadata "
            "--impersonate-service-account robot@my-project.iam.gserviceaccount.com",
        ),
        Example("On a port of your choice", "gemauth serve-metadata --port 8900"),
        Example(
            "A container with it",
            "docker run --network host -e GCE_METADATA_HOST=127.0.0.1:8900 "
            "-e GCE_METADATA_IP=127.0.0.1:8900 my-image",
        ),
    ),
)
