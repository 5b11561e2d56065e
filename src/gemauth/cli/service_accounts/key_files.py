"""`gemauth service-accounts keys create|upload|rotate`: the commands that write a key's file."""

from __future__ import annotations

import os
import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from gemauth.cli.command import ACTING, Command, Example
from gemauth.cli.options import filled
from gemauth.cli.service_accounts.iam import account, iam
from gemauth.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from gemauth.cli.console import Console
    from gemauth.cli.service_accounts.iam import Iam
    from gemauth.client.service_accounts.making import Made

__all__ = ["CREATE", "OLD", "ROTATE", "UPLOAD", "date"]

OLD = 90  # days: Google's guidance replaces keys by then (google-oauth.md section 8)
_ROBOT = "ci@my-project.iam.gserviceaccount.com"
_WARNING = (
    "A key is a password without an end: whoever has the file is the account. Where one of them "
    "will do, do without: gemauth login, a machine's own service account, impersonation, workload "
    "identity federation. Where it must be a key, gemauth service-accounts keys upload makes one "
    "that ends, and whose private half never travels."
)


def days(text: str) -> int:
    """Return a number of days, for `add_argument(type=…)`."""
    value = int(text)
    if not 1 <= value <= 3650:
        raise ValueError(text)
    return value


def _days(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--days",
        type=days,
        default=OLD,
        metavar="DAYS",
        help=f"the key ends after so many days, 1 to 3650 (default: {OLD})",
    )


def _overwrite(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--overwrite", action="store_true", help="replace a file that is there already"
    )


def _create_arguments(parser: ArgumentParser) -> None:
    account(parser)
    parser.add_argument(
        "--output",
        metavar="FILE",
        type=filled,
        required=True,
        help="write the key there, readable by you only; - writes it to standard output",
    )
    _overwrite(parser)


def create(args: Namespace, console: Console) -> int:
    """Warn, have Google make a key, and write its file."""
    from gemauth.cli.console import OutputError, ReaderGoneError
    from gemauth.client.service_accounts import making

    if console.format != "json":  # there, stderr holds nothing but an error's JSON
        console.say(_WARNING)
    with iam(args, console) as api:
        name = api.name(args.account)
        if args.output == "-":
            _require_reader(console)
            key, raw = api.run(making.create(api.credentials, name))
            try:
                console.write_bytes(raw)
                console.flush()
            except (OutputError, ReaderGoneError):
                _take_back(api, name, key.id, console)
                raise
            return 0
        path = Path(args.output)
        replaced = _present(path) if args.overwrite else None
        made = api.run(making.create_file(api.credentials, name, path, overwrite=args.overwrite))
    _tell(made, console, replaced)
    return 0


def _require_reader(console: Console) -> None:
    """See that standard output leads somewhere, before there is a key that would be lost.

    Raises:
        UsageError: it is closed, which leads nowhere too (`cli/main.py`), or is /dev/null.
    """
    try:
        there, nowhere = os.fstat(console.stdout.fileno()), Path(os.devnull).stat()
    except (OSError, ValueError):  # no descriptor of the system's
        return
    if stat.S_ISCHR(there.st_mode) and there.st_rdev == nowhere.st_rdev:
        raise UsageError(
            "Standard output leads nowhere, and the key would be lost; none was made.",
            next_step="Write it to a file: --output FILE",
        )


def _take_back(api: Iam, account: str, key: str, console: Console) -> None:
    """Delete a key that standard output did not take: nobody could ever use it."""
    from gemauth.client.service_accounts.operations import Keys
    from gemauth.errors import GemauthError

    try:
        api.run(Keys(api.credentials).delete(account, key))
    except GemauthError:
        console.warn(
            "Delete the key, which nobody has: gemauth service-accounts keys delete "
            f"{account.rpartition('/')[2]} {key}"
        )


def _upload_arguments(parser: ArgumentParser) -> None:
    account(parser)
    one = parser.add_mutually_exclusive_group(required=True)
    one.add_argument(
        "--output", metavar="FILE", type=filled, help="make a key here, and write its file there"
    )
    one.add_argument(
        "--certificate",
        metavar="FILE",
        type=filled,
        help="upload this X.509 certificate (PEM) of a key of your own instead",
    )
    _days(parser)
    _overwrite(parser)


def upload(args: Namespace, console: Console) -> int:
    """Make a key here, or take a certificate; upload the public half alone."""
    from gemauth.client.service_accounts import making
    from gemauth.client.service_accounts.key_pair import read_certificate

    if args.certificate is not None:
        certificate = read_certificate(_content(args.certificate), args.certificate)
        with iam(args, console) as api:
            name = api.name(args.account)
            made = api.run(making.upload_certificate(api.credentials, name, certificate))
        _tell(made, console)
        return 0
    path = Path(args.output)
    with iam(args, console) as api:
        name = api.name(args.account)
        replaced = _present(path) if args.overwrite else None
        made = api.run(
            making.upload_file(
                api.credentials, name, path, days=args.days, overwrite=args.overwrite
            )
        )
    _tell(made, console, replaced)
    return 0


def _rotate_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", type=filled, help="the key's file")
    _days(parser)
    parser.add_argument(
        "--delete-old",
        action="store_true",
        help="delete the old key in the end, instead of disabling it",
    )


def rotate(args: Namespace, console: Console) -> int:
    """Put a new key into a file, and end the old one."""
    from gemauth.client.service_accounts import rotation

    with iam(args, console) as api:
        done = api.run(
            rotation.rotate(
                api.credentials, Path(args.file), days=args.days, delete_old=args.delete_old
            )
        )
    end = None if done.ends is None else date(done.ends)
    if console.format == "json":
        console.json(
            {
                "account": done.account,
                "path": done.path,
                "keyId": done.key_id,
                "end": end,
                "oldKeyId": done.old_key_id,
                "oldKey": done.old_key,
                "resumed": done.resumed,
            }
        )
    begun = "Went on with an earlier run. " if done.resumed else ""
    was = "was gone already" if done.old_key == "gone" else f"is {done.old_key}"
    console.say(
        f"{begun}{done.path} holds the key {done.key_id} now, and a token was had with it; it ends "
        f"on {end}. The old key {done.old_key_id} {was}."
    )
    if done.old_key == "disabled":
        console.say(
            "When nothing has missed it for a while: gemauth service-accounts keys delete "
            f"{done.account} {done.old_key_id}"
        )
    return 0


def _tell(made: Made, console: Console, replaced: tuple[str, str] | None = None) -> None:
    """Show a key that was made, without either half."""
    shown = {"account": made.account, "keyId": made.key.id}
    if made.path is not None:
        shown["path"] = made.path
    shown |= {
        name: value
        for name, value in made.key.to_json().items()
        if name in ("keyOrigin", "validAfterTime", "validBeforeTime")
    }
    console.record(shown)
    if made.resumed:
        console.say("Went on with an earlier run.")
    if made.path is not None:
        console.say(
            f"Keep {made.path} as you keep a password: not in a repository, not in an e-mail, and "
            "one key for each machine."
        )
    if replaced is not None:
        whose, key_id = replaced
        console.say(
            f"The key that was there still works; if nobody else needs it: "
            f"gemauth service-accounts keys delete {whose} {key_id}"
        )


def _present(path: Path) -> tuple[str, str] | None:
    """Return the account and the id of the key in a file that is about to be overwritten."""
    from gemauth.client.cache import adc
    from gemauth.errors import DataError
    from gemauth.google.credentials import ServiceAccountKey

    try:
        file = adc.find(path)
    except DataError:
        return None
    key = None if file is None else file.credentials
    if not isinstance(key, ServiceAccountKey) or key.private_key_id is None:
        return None
    return key.client_email, key.private_key_id


def _content(name: str) -> bytes:
    from gemauth.client.cache import files
    from gemauth.errors import NotFoundError

    raw = files.read(Path(name), named=True)
    if raw is None:
        raise NotFoundError(
            f"There is no file {name}.", next_step="Name the certificate's file: --certificate FILE"
        )
    return raw


def date(moment: float) -> str:
    """Return the day of a moment (epoch seconds), in UTC."""
    return datetime.fromtimestamp(moment, UTC).date().isoformat()


CREATE = Command(
    "create",
    "Have Google make a key, and write its file.",
    create,
    _create_arguments,
    options=ACTING,
    details=(
        "The file holds the private key. It is written for you only, whole or not at all; "
        "Google shows it this once. A key whose file, or output, cannot be written is deleted "
        "again.\n\n" + _WARNING + "\n\nMany organizations forbid new keys "
        "(iam.disableServiceAccountKeyCreation); the refusal says what to do then."
    ),
    examples=(
        Example(
            "Into a file",
            f"gemauth service-accounts keys create {_ROBOT} --output key.json",
        ),
        Example(
            "Into a secret store",
            f"gemauth service-accounts keys create {_ROBOT} --output - | store-secret",
        ),
    ),
)
UPLOAD = Command(
    "upload",
    "Make a key here, and upload its public half only.",
    upload,
    _upload_arguments,
    options=ACTING,
    details=(
        "The private half never leaves this machine: IAM is given an X.509 certificate "
        "that ends after --days. The file is like one that Google makes. Stopped "
        "anywhere, it goes on when it is run again: until the file is whole, the key is "
        "in a hidden file beside it (.FILE.pending).\n\n"
        "With --certificate the key is your own (RSA, for instance in a hardware module), "
        "and no file is written; --days then says nothing."
    ),
    examples=(
        Example(
            "A key for 30 days",
            f"gemauth service-accounts keys upload {_ROBOT} --output key.json --days 30",
        ),
        Example(
            "A certificate of your own",
            f"gemauth service-accounts keys upload {_ROBOT} --certificate public.pem",
        ),
    ),
)
ROTATE = Command(
    "rotate",
    "Put a new key into a file, and end the old one.",
    rotate,
    _rotate_arguments,
    options=ACTING,
    details=(
        "The new key is made here and its public half uploaded, as by keys upload: it "
        "needs no private key to travel, and ends after --days. A token is exchanged with "
        "it before anything else happens, which may take a minute at Google; then the file "
        "is replaced atomically, and only then the old key is disabled (with --delete-old: "
        "deleted). At every moment the file holds a key that works, and a run that was "
        "stopped anywhere is finished by the next one.\n\n"
        "The credentials need a role that may manage the account's keys; they may be "
        "the file itself: --credentials FILE."
    ),
    examples=(
        Example("Every now and then", "gemauth service-accounts keys rotate key.json"),
        Example(
            "In a monthly job",
            "gemauth service-accounts keys rotate key.json --credentials key.json --delete-old",
        ),
    ),
)
