"""`gemauth set-quota-project`: the project that is billed, in the file (`client/quota_project.py`).

google-oauth.md section 7.4; gemini-api.md says which project is billed without one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.cli.command import CONNECTION, Command, Example
from gemauth.cli.options import filled
from gemauth.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from gemauth.cli.console import Console
    from gemauth.client.quota_project import Written

__all__ = ["COMMAND"]


def arguments(parser: ArgumentParser) -> None:
    """Take the project, or that there shall be none."""
    parser.add_argument(
        "project", nargs="?", metavar="PROJECT", type=filled, help="the project's id or number"
    )
    parser.add_argument(
        "--clear",
        action="store_true",
        help="take the quota project out: the OAuth client's own project is billed then",
    )
    parser.add_argument(
        "--no-check",
        action="store_true",
        help="write it without asking whether the account may have it billed",
    )


def run(args: Namespace, console: Console) -> int:
    """Check, write, and say what now counts."""
    from gemauth.cli.connect import transport
    from gemauth.client import quota_project

    if (args.project is None) != args.clear:
        raise UsageError(
            "Either a project is set, or there shall be none: name one, or pass --clear.",
            next_step="gemauth set-quota-project PROJECT",
        )
    if args.clear:
        done = quota_project.clear(args.credentials, profile=args.profile, environ=console.environ)
    else:
        with transport(args, console) as sender:
            done = quota_project.write(
                args.project,
                args.credentials,
                profile=args.profile,
                checked=not args.no_check,
                emulator=args.emulator,
                environ=console.environ,
                transport=sender,
            )
    _tell(done, console)
    return 0


def _tell(done: Written, console: Console) -> None:
    unknown = None if done.check is None else done.check.problem
    if console.format == "json":
        console.json(
            {
                "credentials": done.path,
                "quotaProject": done.project,
                "before": done.before,
                "checked": done.check is not None and done.check.allowed is not None,
                "unchecked": None if unknown is None else unknown.message,
            }
        )
    if done.project is None:
        console.say(f"{done.path} names no quota project; the client's own project is billed.")
    else:
        now = "names" if done.project != done.before else "named already, and names,"
        console.say(
            f"{done.path} {now} {done.project} as its quota project: calls with it count there. "
            "Google's libraries for Python and Node send it; Go's x/oauth2 and oauth2l do not."
        )
    if unknown is not None:
        console.warn(f"warning: {unknown.message}")
    _tell_what_overrides(done, console)


def _tell_what_overrides(done: Written, console: Console) -> None:
    """Warn of variables that go before what was written (google-oauth.md 6.4, 6.5)."""
    variable = console.environ.get("GOOGLE_CLOUD_QUOTA_PROJECT")
    if variable and variable != done.project:
        console.warn(
            f"warning: GOOGLE_CLOUD_QUOTA_PROJECT={variable} goes before the file. Next: "
            "unset GOOGLE_CLOUD_QUOTA_PROJECT"
        )
    other = console.environ.get("GOOGLE_APPLICATION_CREDENTIALS")
    if other and other != done.path and not console.environ.get("GEMAUTH_PROFILE"):
        console.warn(
            f"warning: GOOGLE_APPLICATION_CREDENTIALS names {other}: programs use that file, which "
            "is as it was."
        )


COMMAND = Command(
    "set-quota-project",
    "Say which project the calls are billed to.",
    run,
    arguments,
    options=("credentials", "profile", *CONNECTION),
    details="Writes the project into the credential file (quota_project_id), where every Google "
    "library finds it. Before, the credentials in the file are asked whether their account may "
    "have it billed (serviceusage.services.use, at Resource Manager); a refusal names the role and "
    "who can grant it, and the file stays as it was. Without the scope cloud-platform, or where "
    "that API is off, nobody can be asked: then it is written, and you are told.\n\n"
    "A service account's key carries no quota project; its own project is billed, or the one in "
    "GOOGLE_CLOUD_QUOTA_PROJECT.",
    examples=(
        Example("Another project", "gemauth set-quota-project my-project"),
        Example("The client's own again", "gemauth set-quota-project --clear"),
    ),
)
