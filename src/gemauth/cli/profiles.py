"""`gemauth profiles`: several sign-ins and keys, one of which is in use (`client/profiles`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gemauth.cli.command import Command, Example, Group
from gemauth.cli.options import filled
from gemauth.errors import GemauthError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Mapping

    from gemauth.cli.console import Console
    from gemauth.client.profiles.copies import InUse
    from gemauth.client.profiles.store import Profile

__all__ = ["COMMAND"]

_COLUMNS = (
    "name",
    "inUse",
    "account",
    "kind",
    "side",
    "scopes",
    "quotaProject",
    "expires",
)
_NAMED = 3  # more scopes than a sign-in usually asks for are only counted
_STATES = {
    "same": "yes",
    "behind": "yes, an earlier state",
    "changed": "yes, changed by another program",
}


class DeclinedError(GemauthError):
    """The person said no; nothing was changed."""


def _name(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="PROFILE", type=filled, help="the profile's name")


def _replace(parser: ArgumentParser, what: str) -> None:
    parser.add_argument("--replace", action="store_true", help=what)


def list_(args: Namespace, console: Console) -> int:  # noqa: ARG001  # takes nothing
    """Print the profiles, and warn of what is in none or cannot be read."""
    from gemauth.client.profiles import copies, store
    from gemauth.errors import NotFoundError

    environ = console.environ
    used = copies.in_use(environ)
    rows, broken = [], []
    for name in store.names(environ):
        try:
            profile = store.read(environ, name)
        except NotFoundError:  # deleted meanwhile
            continue
        if profile.problem is not None:
            broken.append(profile.problem)
        rows.append(_row(profile, used, console.format))
    console.records(
        rows,
        _COLUMNS,
        nothing="There are no profiles. To make one: gemauth login --client-id-file FILE "
        "--profile NAME, or gemauth profiles save NAME.",
    )
    if used is not None and used.problem is not None:
        broken.append(used.problem)
    for problem in broken:
        console.warn(f"warning: {problem.message}\n  next: {problem.next_step}")
    if used is not None and used.state == "unsaved":
        console.say(
            f"{used.path} is in no profile. To make it one: gemauth profiles save NAME",
        )
    elif used is not None and used.profile is not None and used.state != "same":
        console.say(_difference(used))
    _say_shadow(environ, console)
    return 0


def show(args: Namespace, console: Console) -> int:
    """Print what is known of one profile.

    Raises:
        GemauthError: there is none, or its file cannot be read.
    """
    from gemauth.client.profiles import copies, store

    profile = store.read(console.environ, args.name)
    if profile.problem is not None:
        raise profile.problem
    used = copies.in_use(console.environ)
    row = _row(profile, used, "json")
    if console.format == "table":
        row["inUse"] = _state(profile, used) or "no"
    console.record(row)
    if used is not None and used.profile == profile.name and used.state != "same":
        console.say(_difference(used))
    return 0


def use(args: Namespace, console: Console) -> int:
    """Put a profile in use, and say what that means."""
    from gemauth.client.profiles import copies, store, using

    before = using.use(console.environ, args.name, replace=args.replace)
    used = copies.in_use(console.environ)
    profile = store.read(console.environ, args.name)
    if console.format == "json":
        console.json(
            {
                "name": args.name,
                "credentials": str(used.path) if used is not None else None,
                "before": before.profile if before is not None else None,
            }
        )
    whose = f" ({profile.account})" if profile.account else ""
    if profile.side == "google":
        console.say(f"In use: {args.name}{whose}. Every library that looks for ADC takes it now.")
    else:
        at = f" (GEMAUTH_EMULATOR={profile.emulator})" if profile.emulator is not None else ""
        console.say(
            f"In use: {args.name}{whose}. It is an emulator's{at}: other libraries take it to "
            "Google, which does not know it, unless gemauth emulator run leads them there."
        )
    _say_shadow(console.environ, console)
    return 0


def save(args: Namespace, console: Console) -> int:
    """Make a profile of a credential file."""
    from gemauth.client.profiles import store, upkeep

    path = upkeep.save(console.environ, args.name, args.credentials, replace=args.replace)
    profile = store.read(console.environ, args.name)
    if console.format == "json":
        console.json({"name": args.name, "profile": str(path)})
    whose = f" ({profile.account})" if profile.account else ""
    console.say(f"Saved as the profile {args.name}{whose}, readable by you alone.")
    return 0


def rename(args: Namespace, console: Console) -> int:
    """Give a profile another name."""
    from gemauth.client.profiles import upkeep

    path = upkeep.rename(console.environ, args.name, args.new)
    if console.format == "json":
        console.json({"name": args.new, "profile": str(path)})
    console.say(f"{args.name} is {args.new} now.")
    return 0


def delete(args: Namespace, console: Console) -> int:
    """Ask where somebody can answer, and delete a profile from this machine."""
    from gemauth.client.profiles import store, upkeep

    profile = store.read(console.environ, args.name)
    if not args.yes and not console.confirm(
        f"Delete the profile {args.name} from this machine, without revoking it?"
    ):
        raise DeclinedError("Nothing was deleted: you said no.")
    still = upkeep.delete(console.environ, args.name)
    if console.format == "json":
        console.json({"name": args.name, "stillInUse": still})
    console.say(f"The profile {args.name} is deleted from this machine.")
    if still:
        console.say(
            "Its credentials are still in use, as the well-known ADC file. To end them too: "
            "gemauth revoke"
        )
    elif profile.kind == "authorized_user":
        console.say(
            "Its sign-in was not revoked. To end it: https://myaccount.google.com/connections"
            if profile.side == "google"
            else "Its sign-in was not revoked."
        )
    return 0


def _row(profile: Profile, used: InUse | None, form: str) -> dict[str, Any]:
    """Return a profile's members: for people scopes in short, for programs in full."""
    from gemauth.clock import rfc3339

    table = form == "table"
    state = _state(profile, used)
    row: dict[str, Any] = {
        "name": profile.name,
        "inUse": state if table else bool(state),
        "account": profile.account,
        "kind": _kind(profile) if table else profile.kind,
        "side": profile.side,
        "scopes": _scopes(profile) if table else list(profile.scopes),
        "quotaProject": profile.quota_project,
        "expires": None if profile.expires is None else rfc3339(float(int(profile.expires))),
    }
    if table:
        return row
    return row | {
        "state": used.state if used is not None and used.profile == profile.name else None,
        "project": profile.project,
        "store": profile.store,
        "emulator": profile.emulator,
        "path": profile.path,
        "problem": None if profile.problem is None else profile.problem.message,
    }


def _scopes(profile: Profile) -> str:
    """Return the scopes by the names that --scopes takes, or how many there are."""
    from gemauth.google.scopes import short

    names = [short(scope).removeprefix("generative-language.") for scope in profile.scopes]
    return ", ".join(names) if len(names) <= _NAMED else f"{len(names)} scopes"


def _kind(profile: Profile) -> str | None:
    """Return what it is, for people; and that it is in no file, or in one that is broken."""
    if profile.problem is not None:
        return "cannot be read"
    return profile.kind if profile.store == "file" else f"{profile.kind}, in the keyring"


def _state(profile: Profile, used: InUse | None) -> str | None:
    return _STATES[used.state] if used is not None and used.profile == profile.name else None


def _difference(used: InUse) -> str:
    """Say what to do where the file in use is not what the profile is."""
    if used.state == "behind":
        return (
            f"{used.path} is an earlier state of the profile {used.profile}. To put the newer one "
            f"there: gemauth profiles use {used.profile}"
        )
    return (
        f"Another program has changed {used.path} since the profile {used.profile} was put there. "
        f"To keep the change: gemauth profiles save {used.profile}; to drop it: gemauth profiles "
        f"use {used.profile} --replace"
    )


def _say_shadow(environ: Mapping[str, str], console: Console) -> None:
    """Say which variable goes before the profile in use."""
    name = environ.get("GEMAUTH_PROFILE")
    file = environ.get("GOOGLE_APPLICATION_CREDENTIALS")
    if name:
        console.say(f"GEMAUTH_PROFILE={name} goes before it: gemauth uses that profile.")
    if file:
        console.say(
            f"GOOGLE_APPLICATION_CREDENTIALS={file} goes before it in every Google library."
        )


def _of_save(parser: ArgumentParser) -> None:
    _name(parser)
    parser.add_argument(
        "--credentials",
        metavar="FILE",
        type=filled,
        help="save this credential file instead of the well-known one",
    )
    _replace(parser, "overwrite a profile of that name, whatever it holds")


def _of_use(parser: ArgumentParser) -> None:
    _name(parser)
    _replace(parser, "overwrite credentials there that are in no profile")


def _of_rename(parser: ArgumentParser) -> None:
    _name(parser)
    parser.add_argument("new", metavar="NEW", type=filled, help="its new name")


def _of_delete(parser: ArgumentParser) -> None:
    _name(parser)
    parser.add_argument("-y", "--yes", action="store_true", help="do not ask")


COMMAND = Group(
    "profiles",
    "Keep several sign-ins and keys, and choose the one in use.",
    (
        Command(
            "list",
            "List the profiles.",
            list_,
            details="A profile is a credential file with a name. The one in use is the well-known "
            "ADC file, which every Google library reads; any other is used with --profile NAME or "
            "GEMAUTH_PROFILE. Nothing is asked of a server, and no keyring is opened.",
            examples=(Example("What there is", "gemauth profiles list"),),
        ),
        Command(
            "show",
            "Show what is known of a profile.",
            show,
            _name,
            examples=(Example("One profile", "gemauth profiles show work"),),
        ),
        Command(
            "use",
            "Put a profile in use: every Google library takes it then.",
            use,
            _of_use,
            details="Copies the profile to the well-known ADC file. What is there and in no "
            "profile, such as a sign-in of gcloud's since, is never overwritten without --replace. "
            "An emulator's profile does not take the place of Google's, and one in a keyring "
            "cannot be read by other libraries: use those with --profile NAME. That is for one "
            "command, and GEMAUTH_PROFILE=NAME for one shell; both leave this alone.",
            examples=(
                Example("From now on", "gemauth profiles use work"),
                Example("Whatever is there", "gemauth profiles use work --replace"),
            ),
        ),
        Command(
            "save",
            "Save credentials as a profile.",
            save,
            _of_save,
            details="Takes the well-known ADC file, whoever wrote it, or any other credential "
            "file. A profile of the same sign-in or key takes over what has changed.",
            examples=(
                Example("gcloud's sign-in", "gemauth profiles save work"),
                Example("A key", "gemauth profiles save ci --credentials key.json"),
            ),
        ),
        Command(
            "rename",
            "Give a profile another name.",
            rename,
            _of_rename,
            examples=(Example("Another name", "gemauth profiles rename work old-work"),),
        ),
        Command(
            "delete",
            "Delete a profile from this machine.",
            delete,
            _of_delete,
            details="Its entry in a keyring is deleted too. The sign-in itself goes on; gemauth "
            "revoke --profile NAME would end it, and delete the profile. Asks first where a person "
            "can answer (not with --yes or --quiet).",
            examples=(Example("In a script", "gemauth profiles delete work --yes"),),
        ),
    ),
)
