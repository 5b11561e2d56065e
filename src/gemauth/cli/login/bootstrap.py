"""`gemauth login --remote-bootstrap`: this machine's browser, for another one's sign-in.

google-oauth.md 7.1. What is asked for stands on stderr and is confirmed first; stdout has the line
to carry back and nothing else, because it is a secret. The flow is `client/flows/bootstrap.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.errors import UsageError

if TYPE_CHECKING:
    import argparse

    from gemauth.cli.console import Console

__all__ = ["lend"]


def lend(args: argparse.Namespace, console: Console) -> int:
    """Sign in for another machine, and print what it waits for.

    Raises:
        UsageError: the URL is none that another machine printed, or nobody has confirmed it.
        CredentialError: nobody signed in, in time.
    """
    from gemauth.client.browser import open_browser
    from gemauth.client.flows.bootstrap import Bootstrap, helper
    from gemauth.client.flows.loopback import TIMEOUT
    from gemauth.client.target import target
    from gemauth.client.transport import Transport
    from gemauth.client.world import Terminal
    from gemauth.flow import run

    wanted = Bootstrap.from_url(args.remote_bootstrap, target(console.environ, args.emulator))
    console.warn(wanted.describe())
    if not args.yes:
        if not console.interactive:
            raise UsageError(
                "Only a person can say whether they began this sign-in, and none can be asked.",
                next_step="Run it in a terminal, or add --yes if it was you.",
            )
        if not console.confirm("Proceed?"):
            raise UsageError("Nothing was opened.")
    with Transport(console.environ) as sender:
        line = run(
            helper(wanted, port=args.port, timeout=args.timeout or TIMEOUT),
            Terminal(
                sender,
                clock=console.clock,
                show=console.warn,
                browser=lambda url: open_browser(url, environ=console.environ),
            ),
        )
    console.warn(
        "Copy this line to the machine that waits for it, and to no other: whoever has it may sign "
        "in as you."
    )
    if console.format == "json":
        console.json({"answer": line})
    else:
        console.print(line)
    return 0
