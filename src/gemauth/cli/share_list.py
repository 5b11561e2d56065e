"""`gemauth share MODEL --from FILE`: a whole list of grantees, with progress and a report."""

from __future__ import annotations

import signal
import threading
from collections import Counter
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gemauth.cli.exit_codes import OK, PARTLY
from gemauth.cli.live_line import LiveLine
from gemauth.client.bulk_share.grantees import read_grantees
from gemauth.client.bulk_share.plan import Need, make_plan
from gemauth.client.bulk_share.report import Report, described
from gemauth.client.bulk_share.work import Outcome, Result, Work
from gemauth.client.gemini.flows.family import full
from gemauth.client.gemini.flows.permissions import Permissions
from gemauth.client.world import Network
from gemauth.errors import NotFoundError, UsageError
from gemauth.flow import run

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator, Sequence

    from gemauth.cli.console import Console
    from gemauth.client.bulk_share.plan import Action

__all__ = ["share_list"]

_NAMED = 5  # grantees that a failure names


def share_list(args: Namespace, console: Console) -> int:
    """Share with everybody in a list, and tell what became of it."""
    from gemauth.cli.connect import find, transport

    _check(args)
    grantees, repeated = read_grantees(_content(args.from_, console), args.from_, args.role)
    if repeated:
        console.say(f"Passed over, since they repeat a line: {_lines(repeated)}.")
    parent = full("tunedModels", args.model)
    with transport(args, console) as sender:
        flows = Permissions(find(args, console, sender).credentials)
        plan = run(
            make_plan(flows, parent, grantees, add_only=args.add_only),
            Network(sender, clock=console.clock),
        )
        _announce(plan, console)
        if args.dry_run:
            _show_plan(plan, console)
            return OK
        work = Work(
            flows,
            parent,
            sender,
            workers=args.parallel,
            patience=args.patience,
            add_only=args.add_only,
            clock=console.clock,
        )
        return _carry_out(work, plan, parent, args, console)


def _carry_out(
    work: Work, plan: Sequence[Action], parent: str, args: Namespace, console: Console
) -> int:
    counts: Counter[Outcome] = Counter()
    failed: list[Result] = []
    line = LiveLine(console)
    path = None if args.report is None else Path(args.report)
    begun = nullcontext() if path is None else Report(path, parent, len(plan), _now(console))

    with begun as report:

        def told(result: Result) -> None:
            counts[result.outcome] += 1
            if result.outcome is Outcome.FAILED:
                failed.append(result)
            if report is not None:
                report.add(result)
            line.show(f"{counts.total()} of {len(plan)}: {_words(counts)}")

        try:
            with _stoppable(work) as stopped:
                work.carry_out(plan, told)
        finally:
            line.clear()
            if report is not None:
                report.finish(counts, work.why, _now(console))
            _tell(counts, failed, work.why, console)
    if stopped:
        raise KeyboardInterrupt
    console.record(_summary(parent, counts, failed, work.why))
    return PARTLY if counts[Outcome.FAILED] or counts[Outcome.LEFT] else OK


@contextmanager
def _stoppable(work: Work) -> Iterator[list[int]]:
    """Have the first Ctrl-C end the run in good order; the list holds it then.

    An exception at any place could lose a row of the report. The second one is as always.
    """
    stopped: list[int] = []
    usual = signal.getsignal(signal.SIGINT)

    def stop(number: int, _: object) -> None:
        stopped.append(number)
        signal.signal(signal.SIGINT, usual)
        work.stop()

    ours = threading.current_thread() is threading.main_thread() and callable(usual)
    if ours:
        signal.signal(signal.SIGINT, stop)
    try:
        yield stopped
    finally:
        if ours:
            signal.signal(signal.SIGINT, usual)


def _check(args: Namespace) -> None:
    """See that the options can be used together.

    Raises:
        UsageError: they cannot.
    """
    if not 1 <= args.parallel <= 32:
        raise UsageError(
            "--parallel takes a number from 1 to 32.", next_step="Leave it out: 4 at a time."
        )
    if not args.patience > 0:
        raise UsageError("--patience takes a number of seconds.", next_step="Leave it out: 3600.")
    if args.report is not None and args.from_ != "-":
        report, source = Path(args.report), Path(args.from_)
        if report.exists() and source.exists() and report.samefile(source):
            raise UsageError("--report names the list itself.", next_step="Name another file.")


def _content(source: str, console: Console) -> bytes:
    if source == "-":
        return console.read()
    try:
        return Path(source).read_bytes()
    except OSError as error:
        raise NotFoundError(
            f"{source} cannot be read: {error.strerror}.",
            next_step="Name a CSV file (email,role,type), or - for standard input.",
        ) from None


def _announce(plan: Sequence[Action], console: Console) -> None:
    needs = Counter(action.need for action in plan)
    parts = {
        Need.CREATE: "to create",
        Need.UPDATE: "to change",
        Need.NOTHING: "as they should be already",
        Need.KEEP: "with another role, which stays",
    }
    told = ", ".join(f"{needs[need]} {words}" for need, words in parts.items() if needs[need])
    console.say(f"{len(plan)} grantees: {told}.")


def _show_plan(plan: Sequence[Action], console: Console) -> None:
    rows: list[dict[str, Any]] = []
    for action in plan:
        row = {"line": action.grantee.line, **action.grantee.permission.to_json()}
        row["need"] = action.need.value
        if action.present is not None and action.present.role is not None:
            row["has"] = action.present.role.name
        rows.append(row)
    console.records(rows, ("line", "emailAddress", "granteeType", "role", "need", "has"))


def _tell(
    counts: Counter[Outcome], failed: Sequence[Result], why: str | None, console: Console
) -> None:
    """Tell the person what did not work, each cause once, with whom it hit."""
    causes: dict[str, list[Result]] = {}
    for result in failed:
        causes.setdefault(str(result.error), []).append(result)
    for cause, hit in causes.items():
        named = [f"{r.action.grantee.who} (line {r.action.grantee.line})" for r in hit[:_NAMED]]
        more = f" and {len(hit) - _NAMED} more" if len(hit) > _NAMED else ""
        console.warn(f"{len(hit)} failed: {cause}\n  {', '.join(named)}{more}")
    if counts[Outcome.LEFT]:
        console.warn(f"{counts[Outcome.LEFT]} were not tried: {why}\n  Run it again to go on.")


def _summary(
    parent: str, counts: Counter[Outcome], failed: Sequence[Result], why: str | None
) -> dict[str, Any]:
    summary: dict[str, Any] = {"name": parent}
    summary |= {outcome.value: counts[outcome] for outcome in Outcome if counts[outcome]}
    if why is not None:
        summary["why"] = why
    if failed:
        summary["failures"] = [described(result) for result in failed]
    return summary


def _words(counts: Counter[Outcome]) -> str:
    return ", ".join(f"{counts[outcome]} {outcome.value}" for outcome in Outcome if counts[outcome])


def _lines(lines: Sequence[int]) -> str:
    more = f" and {len(lines) - 10} more" if len(lines) > 10 else ""
    return f"line{'s' if len(lines) > 1 else ''} {', '.join(map(str, lines[:10]))}{more}"


def _now(console: Console) -> str:
    return datetime.fromtimestamp(console.clock.now(), UTC).isoformat(timespec="seconds")
