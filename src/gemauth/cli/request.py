"""`gemauth request METHOD PATH`: one authorized REST request; the answer's body as it came."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gemauth.cli.command import ACTING, Command, Example
from gemauth.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from gemauth.cli.console import Console

__all__ = ["COMMAND"]


def arguments(parser: ArgumentParser) -> None:
    """Take the method, the path, and the body."""
    parser.add_argument("method", metavar="METHOD", help="GET, POST, PATCH, PUT or DELETE")
    parser.add_argument(
        "path", metavar="PATH", help="such as /v1beta/models, with a query if needed"
    )
    parser.add_argument(
        "-d",
        "--data",
        metavar="DATA",
        help="the body: the JSON itself, @FILE for a file's content, or - for standard input",
    )
    parser.add_argument(
        "--content-type",
        metavar="TYPE",
        default="application/json",
        help="the body's media type (default: application/json)",
    )


def body(data: str | None, console: Console) -> bytes | None:
    """Return the body that `--data` means.

    Raises:
        UsageError: the file cannot be read.
    """
    if data is None:
        return None
    if data == "-":
        return console.read()
    if not data.startswith("@"):
        return data.encode("utf-8", "surrogateescape")  # the bytes that were typed
    try:
        return Path(data[1:]).read_bytes()
    except OSError as error:
        raise UsageError(
            f"The file {data[1:]} cannot be read: {error.strerror}.",
            next_step="After @ stands the name of the file with the body.",
        ) from error


def run(args: Namespace, console: Console) -> int:
    """Send the request; print the body of a 2xx answer."""
    from gemauth.cli.connect import gemini
    from gemauth.client.calls.refusal import refusal

    data = body(args.data, console)
    with gemini(args, console) as api:
        response = api.request(
            args.method.upper(), args.path, body=data, content_type=args.content_type
        )
    if not response.ok:
        own = api.credentials
        error = refusal(response, emulated=own.endpoints.is_emulator, where=own.where)
        error.evidence = response.body.decode("utf-8", "replace").strip() or error.evidence
        raise error
    console.write_bytes(response.body)
    return 0


COMMAND = Command(
    "request",
    "Send one authorized request and print the answer as it came.",
    run,
    arguments,
    options=ACTING,
    details="The body goes to stdout unchanged. An answer that is no success (2xx) goes to stderr "
    "and sets the exit code.",
    examples=(
        Example("Raw REST", "gemauth request GET '/v1beta/models?pageSize=5'"),
        Example(
            "With a body",
            "gemauth request PATCH '/v1beta/tunedModels/my-model?updateMask=displayName' \\\n"
            """    --data '{"displayName": "Mine"}'""",
        ),
    ),
)
