"""`gemauth doctor`: every check on the way from this machine to the Gemini API.

`client/doctor/` makes them. For people each finding is a paragraph on stdout; `--format json`
writes one object.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from gemauth.cli.command import ACTING, Command, Example

if TYPE_CHECKING:
    from argparse import Namespace

    from gemauth.cli.console import Console
    from gemauth.client.doctor.examination import Report
    from gemauth.client.doctor.finding import Finding

__all__ = ["COMMAND"]

_COLOURS = {"ok": "32", "warning": "33", "failed": "31", "skipped": "2"}
_INDENT = " " * 10
_WIDEST = 100  # columns: longer lines are hard to read


def run(args: Namespace, console: Console) -> int:
    """Examine, tell each finding as it is made, and return the first failure's exit code."""
    from gemauth.cli.connect import find, transport
    from gemauth.client.doctor.case import Case
    from gemauth.client.doctor.examination import examine
    from gemauth.client.world import Network
    from gemauth.flow import run as drive

    def tell(finding: Finding) -> None:
        if console.format == "table":
            console.write(_paragraph(finding, console))
            console.flush()

    with transport(args, console) as sender:
        case = Case(
            console.environ,
            credentials=args.credentials,
            profile=args.profile,
            token_file=args.access_token_file,
            emulator=args.emulator,
            transport=sender,
            find=lambda: find(args, console, sender),
        )
        report = drive(examine(case, tell), Network(sender, clock=console.clock))
    if console.format == "json":
        console.json(_json(report))
    else:
        console.say(_summary(report))
    return report.exit_code


def _paragraph(finding: Finding, console: Console) -> str:
    """Return a finding for people, as wide as the terminal; commands stay whole, to be copied."""
    from gemauth.cli import table
    from gemauth.cli.failure import redact
    from gemauth.client.doctor.finding import State

    state = finding.state.value
    lines = [f"{finding.check}: {finding.message}"]
    if finding.state not in {State.OK, State.SKIPPED}:
        if finding.evidence is not None and finding.evidence not in finding.message:
            lines.append(f"evidence: {finding.evidence}")
        lines += [] if finding.fault is None else [f"fault: {finding.fault.value}"]
    width = console.columns(_WIDEST)
    told = [
        textwrap.fill(
            redact(table.cell(line)),
            max(width, 40),
            initial_indent=_INDENT,
            subsequent_indent=_INDENT + "  " * (index > 0),
            break_long_words=False,
            break_on_hyphens=False,
        )
        for index, line in enumerate(lines)
    ]
    if finding.next_step is not None:
        told.append(f"{_INDENT}next: {redact(table.cell(finding.next_step))}")
    text = "\n".join(told)
    return f"{_coloured(state, console)}{' ' * (10 - len(state))}{text[len(_INDENT) :]}\n"


def _coloured(state: str, console: Console) -> str:
    if not console.stdout.isatty() or console.environ.get("NO_COLOR"):
        return state
    if console.environ.get("TERM") == "dumb":
        return state
    return f"\x1b[{_COLOURS[state]}m{state}\x1b[0m"


def _summary(report: Report) -> str:
    from gemauth.client.doctor.finding import State

    counts = ", ".join(f"{report.count(state)} {state.value}" for state in State)
    first = next((found for found in report.findings if found.exit_code), None)
    cause = "" if first is None else f" Begin with the first that failed: {first.check}."
    return f"{len(report.findings)} checks: {counts}.{cause}"


def _json(report: Report) -> dict[str, Any]:
    from gemauth.cli.failure import redact

    def text(value: str | None) -> str | None:
        return None if value is None else redact(value)

    return {
        "exitCode": report.exit_code,
        "checks": [
            {
                "check": found.check,
                "state": found.state.value,
                "message": text(found.message),
                "fault": None if found.fault is None else found.fault.value,
                "evidence": text(found.evidence),
                "next": text(found.next_step),
                "exitCode": found.exit_code,
            }
            for found in report.findings
        ],
    }


COMMAND = Command(
    "doctor",
    "Find out why the Gemini API cannot be called, and what to do.",
    run,
    options=ACTING,
    details="Walks from this machine to the API: variables, certificates, proxy, the credential "
    "file and its permissions, names, both servers, the clock, the sign-in, a real refresh, the "
    "token's scopes, models.list and tunedModels.list, the API and the quota project. Each finding "
    "has whose fault it is, what showed it, and one thing to do next. It changes nothing on this "
    "machine and tells no secret: what it prints can be sent to somebody who helps.\n\n"
    "Exits with 0 if nothing failed (warnings do not count), else with the code of the first check "
    "that failed, which is the cause of those behind it: gemauth help exit-codes.",
    examples=(
        Example("What is wrong", "gemauth doctor"),
        Example("With one file", "gemauth doctor --credentials key.json"),
        Example(
            "As a service account",
            "gemauth doctor --impersonate-service-account robot@my-project.iam.gserviceaccount.com",
        ),
        Example("For a program", "gemauth doctor --format json"),
    ),
)
