"""People and groups, as the console's admin would make them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gemauth.clock import rfc3339
from gemauth.emulator.accounts import people
from gemauth.emulator.control.document import invalid
from gemauth.emulator.control.endpoint import Answer, not_found
from gemauth.emulator.iam import policy, projects
from gemauth.emulator.storage.records import Account, Group, GroupMember
from gemauth.google.status import Code, Status, StatusError

if TYPE_CHECKING:
    from gemauth.emulator.context import Entropy
    from gemauth.emulator.control.document import Members
    from gemauth.emulator.storage.store import Transaction

__all__ = [
    "NewAccount",
    "NewGroup",
    "account_json",
    "add_member",
    "create_account",
    "create_group",
    "delete_account",
    "delete_group",
    "find_account",
    "find_group",
    "group_json",
    "remove_member",
    "update_account",
]


@dataclass(frozen=True, slots=True)
class NewAccount:
    """A person to be made."""

    email: str
    name: str
    workspace: bool

    @classmethod
    def read(cls, body: Members) -> NewAccount:
        """Read `email`, `name` and `workspace`."""
        return cls(
            body.email("email"),
            body.text("name", default=""),
            body.flag("workspace", default=False),
        )


@dataclass(frozen=True, slots=True)
class NewGroup:
    """A group to be made, with its first members."""

    email: str
    name: str
    members: tuple[str, ...]

    @classmethod
    def read(cls, body: Members) -> NewGroup:
        """Read `email`, `name` and `members`."""
        return cls(body.email("email"), body.text("name", default=""), body.emails("members"))


def create_account(tx: Transaction, now: float, entropy: Entropy, wanted: NewAccount) -> Account:
    """Make a person.

    Raises:
        StatusError: ALREADY_EXISTS, or INVALID_ARGUMENT for a Workspace account at gmail.com.
    """
    _refuse_taken(tx, wanted.email)
    try:
        return people.create(
            tx, now, entropy, wanted.email, name=wanted.name, workspace=wanted.workspace
        )
    except people.InvalidEmailError as error:
        raise invalid("email", str(error)) from error


def update_account(tx: Transaction, account: Account, wanted: NewAccount) -> Account:
    """Give a person the name that a seed declares; the address is who they are."""
    if not wanted.name or wanted.name == account.name:
        return account
    return people.rename(tx, account, wanted.name)


def find_account(tx: Transaction, email: str) -> Account:
    """Return a person.

    Raises:
        StatusError: NOT_FOUND.
    """
    account = people.by_email(tx, email)
    if account is None:
        raise not_found(
            f"There is no account {email}. Create it: gemauth emulator accounts create {email}"
        )
    return account


def delete_account(tx: Transaction, email: str) -> Answer:
    """Delete a person; their tokens and roles end with them.

    Raises:
        StatusError: NOT_FOUND.
    """
    account = find_account(tx, email)
    people.remove(tx, account.email)
    member = projects.member(account.email)
    policy.rename_member(tx, member, policy.deleted(member, account.sub))
    return {}


def account_json(account: Account) -> Answer:
    """Return a person as the control API shows one."""
    answer = {
        "email": account.email,
        "sub": account.sub,
        "name": account.name,
        "createTime": rfc3339(account.created_at),
    }
    return answer if account.domain is None else answer | {"domain": account.domain}


def create_group(tx: Transaction, wanted: NewGroup) -> Group:
    """Make a group.

    Raises:
        StatusError: ALREADY_EXISTS.
    """
    _refuse_taken(tx, wanted.email)
    group = Group(wanted.email, wanted.name or wanted.email.partition("@")[0])
    tx.add(group)
    for member in wanted.members:
        add_member(tx, group, member)
    return group


def find_group(tx: Transaction, email: str) -> Group:
    """Return a group.

    Raises:
        StatusError: NOT_FOUND.
    """
    group = tx.get(Group, email.lower())
    if group is None:
        raise not_found(
            f"There is no group {email}. Create it: gemauth emulator groups create {email}"
        )
    return group


def delete_group(tx: Transaction, group: Group) -> Answer:
    """Delete a group, and with it who was in it and where it was."""
    for membership in (
        *tx.find(GroupMember, group_email=group.email),
        *tx.find(GroupMember, member_email=group.email),
    ):
        tx.remove(GroupMember, membership.group_email, membership.member_email)
    tx.remove(Group, group.email)
    return {}


def add_member(tx: Transaction, group: Group, member: str) -> bool:
    """Put an address into a group; whether it was not there before.

    Raises:
        StatusError: INVALID_ARGUMENT: a group cannot be in itself.
    """
    if member == group.email:
        raise invalid("member", f"{member} cannot be a member of itself")
    if tx.get(GroupMember, group.email, member) is not None:
        return False
    tx.add(GroupMember(group.email, member))
    return True


def remove_member(tx: Transaction, group: Group, member: str) -> Answer:
    """Take an address from a group.

    Raises:
        StatusError: NOT_FOUND.
    """
    if not tx.remove(GroupMember, group.email, member.lower()):
        raise not_found(f"{member} is not in {group.email}.")
    return group_json(tx, group)


def group_json(tx: Transaction, group: Group) -> Answer:
    """Return a group as the control API shows one."""
    members = [m.member_email for m in tx.find(GroupMember, group_email=group.email)]
    return {"email": group.email, "name": group.name, "members": members}


def _refuse_taken(tx: Transaction, email: str) -> None:
    """Refuse an address that a person or a group has: one address is one principal."""
    if people.by_email(tx, email) is not None or tx.get(Group, email) is not None:
        raise StatusError(Status(Code.ALREADY_EXISTS, f"{email} exists already."))
