"""`gemauth service-accounts keys …`: an account's keys, listed, stopped and deleted."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from gemauth.cli.command import ACTING, Command, Example, Group
from gemauth.cli.service_accounts.iam import account, consent, iam, yes
from gemauth.cli.service_accounts.key_files import CREATE, OLD, ROTATE, UPLOAD, date

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from gemauth.cli.console import Console
    from gemauth.google.iam import AccountKey

__all__ = ["KEYS"]

COLUMNS = ("id", "age", "end", "origin", "type", "disabled")
_DAY = 86_400.0
_KINDS = {"any": None, "user": "USER_MANAGED", "system": "SYSTEM_MANAGED"}
_ROBOT = "ci@my-project.iam.gserviceaccount.com"


def _list_arguments(parser: ArgumentParser) -> None:
    account(parser)
    parser.add_argument(
        "--managed-by",
        choices=tuple(_KINDS),
        default="any",
        help="user: those that files hold; system: Google's own (default: any)",
    )


def list_(args: Namespace, console: Console) -> int:
    """List an account's keys, with their age and end."""
    from gemauth.client.service_accounts.operations import Keys

    with iam(args, console) as api:
        name = api.name(args.account)
        keys = api.run(Keys(api.credentials).list(name, _KINDS[args.managed_by]))
    now = console.clock.now()
    if console.format == "json":
        console.json([{"id": key.id, **key.to_json(), "ageDays": _age(key, now)} for key in keys])
    else:
        rows = [_row(key, now) for key in keys]
        console.records(rows, COLUMNS, nothing="The account has no such keys.")
    old = [
        key
        for key in keys
        if key.key_type == "USER_MANAGED" and not key.disabled and (_age(key, now) or 0) >= OLD
    ]
    if old:
        console.say(
            f"{len(old)} of them {'is' if len(old) == 1 else 'are'} {OLD} days old or more. "
            "Replace what is in use: gemauth service-accounts keys rotate FILE"
        )
    return 0


def _one(parser: ArgumentParser) -> None:
    account(parser)
    parser.add_argument("key", metavar="KEY-ID", help="the key's id, from the list")


def enable(args: Namespace, console: Console) -> int:
    """Accept a key again."""
    from gemauth.client.service_accounts.operations import Keys

    with iam(args, console) as api:
        api.run(Keys(api.credentials).enable(api.name(args.account), args.key))
    return _told(args, console, "enabled")


def disable(args: Namespace, console: Console) -> int:
    """Refuse a key, with a way back."""
    from gemauth.client.service_accounts.operations import Keys

    with iam(args, console) as api:
        api.run(Keys(api.credentials).disable(api.name(args.account), args.key))
    return _told(args, console, "disabled")


def _delete_arguments(parser: ArgumentParser) -> None:
    _one(parser)
    yes(parser)


def delete(args: Namespace, console: Console) -> int:
    """Ask, and delete a key for good."""
    from gemauth.client.service_accounts.operations import Keys

    with iam(args, console) as api:
        name = api.name(args.account)
        consent(
            args,
            console,
            f"Delete the key {args.key} of {args.account}? Whatever still uses it stops working, "
            "and nothing brings it back.",
        )
        api.run(Keys(api.credentials).delete(name, args.key))
    return _told(args, console, "deleted")


def _told(args: Namespace, console: Console, outcome: str) -> int:
    if console.format == "json":
        console.json({outcome: args.key, "account": args.account})
    console.say(f"The key {args.key} of {args.account} is {outcome}.")
    return 0


def _row(key: AccountKey, now: float) -> dict[str, Any]:
    age, end = _age(key, now), _moment(key.valid_before_time)
    return {
        "id": key.id,
        "age": "" if age is None else "1 day" if age == 1 else f"{age} days",
        "end": "never" if key.valid_before_time.startswith("9999-") else end and date(end),
        "origin": key.key_origin,
        "type": key.key_type,
        "disabled": key.disabled,
    }


def _age(key: AccountKey, now: float) -> int | None:
    """Return a key's age in whole days, where its beginning is known."""
    since = _moment(key.valid_after_time)
    return None if since is None else max(0, int((now - since) // _DAY))


def _moment(text: str) -> float | None:
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        return None


KEYS = Group(
    "keys",
    "Make, replace and end a service account's keys.",
    (
        CREATE,
        UPLOAD,
        Command(
            "list",
            "List a service account's keys.",
            list_,
            _list_arguments,
            options=ACTING,
            examples=(
                Example(
                    "Those that files hold",
                    f"gemauth service-accounts keys list {_ROBOT} --managed-by user",
                ),
            ),
        ),
        ROTATE,
        Command(
            "enable",
            "Let a disabled key be used again.",
            enable,
            _one,
            options=ACTING,
            examples=(Example("Go on", f"gemauth service-accounts keys enable {_ROBOT} KEY-ID"),),
        ),
        Command(
            "disable",
            "Stop a key, with a way back.",
            disable,
            _one,
            options=ACTING,
            examples=(
                Example("Stop it", f"gemauth service-accounts keys disable {_ROBOT} KEY-ID"),
            ),
        ),
        Command(
            "delete",
            "Delete a key, for good.",
            delete,
            _delete_arguments,
            options=ACTING,
            details="Asks first; where nobody can be asked, --yes is needed. Disable it first, and "
            "see what stops working.",
            examples=(Example("One key", f"gemauth service-accounts keys delete {_ROBOT} KEY-ID"),),
        ),
    ),
)
