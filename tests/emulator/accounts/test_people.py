from __future__ import annotations

import secrets

import pytest

from gemauth.emulator.accounts import people, sessions
from gemauth.emulator.storage.records import Account, BrowserSession, GroupMember
from gemauth.emulator.storage.store import Conflict, Transaction


def _create(tx: Transaction, email: str, *, name: str = "", workspace: bool = False) -> Account:
    return people.create(tx, 7.0, secrets.token_bytes, email, name=name, workspace=workspace)


class TestCreate:
    def test_a_person(self, tx: Transaction) -> None:
        """A person has a stable 21-digit sub, a lower-case address and the parts of a name."""
        ada = _create(tx, " Ada@Example.COM ", name="Ada  King Lovelace")
        assert (ada.email, ada.name) == ("ada@example.com", "Ada King Lovelace")
        assert (ada.given_name, ada.family_name) == ("Ada", "King Lovelace")
        assert (ada.domain, ada.created_at) == (None, 7.0)
        assert tx.get(Account, ada.sub) == ada

    def test_a_name_may_be_left_out(self, tx: Transaction) -> None:
        """Without a name the address' local part stands in."""
        assert _create(tx, "grace@example.com").name == "grace"

    def test_workspace(self, tx: Transaction) -> None:
        """A Workspace account belongs to its address' domain."""
        assert _create(tx, "a@example.org", workspace=True).domain == "example.org"

    def test_gmail_is_no_workspace(self, tx: Transaction) -> None:
        """gmail.com belongs to no organization."""
        with pytest.raises(people.InvalidEmailError, match=r"gmail\.com"):
            _create(tx, "a@gmail.com", workspace=True)

    def test_a_service_account_s_address_is_nobody_s(self, tx: Transaction) -> None:
        """A person with a robot's address would hold the robot's roles."""
        with pytest.raises(people.InvalidEmailError, match="service accounts"):
            _create(tx, "robot@my-project.iam.gserviceaccount.com")

    def test_an_address_is_somebody_s_once(self, tx: Transaction) -> None:
        """Two people cannot share an address, in whatever case."""
        _create(tx, "ada@example.com")
        with pytest.raises(Conflict):
            _create(tx, "ADA@example.com")

    @pytest.mark.parametrize(
        "email",
        ["", "ada", "@example.com", "ada@", "ada@localhost", "a b@example.com", "a@b@example.com",
         "<a>@example.com", "a@exam ple.com", "a" * 65 + "@example.com", "a@" + "e" * 250 + ".com",
         "ädä@example.com", "a@example.com\n@x"],
    )  # fmt: skip
    def test_no_address(self, tx: Transaction, email: str) -> None:
        """What is no address is refused, with an example of one."""
        with pytest.raises(people.InvalidEmailError, match=r"ada@example\.com"):
            _create(tx, email)


def test_new_id_has_21_digits() -> None:
    """The least and the greatest random bytes both make 21 digits that start with 1 (2.2)."""
    for byte in (b"\x00", b"\xff"):
        made = people.new_id(lambda size, byte=byte: byte * size)  # type: ignore[misc]
        assert len(made) == 21
        assert made.isdecimal()
        assert made.startswith("1")


def test_resolve_by_address_or_sub(tx: Transaction) -> None:
    """login_hint is an e-mail address or a sub."""
    ada = _create(tx, "ada@example.com")
    assert people.resolve(tx, "Ada@example.com") == ada
    assert people.resolve(tx, ada.sub) == ada
    assert people.resolve(tx, "nobody@example.com") is None
    assert people.resolve(tx, "42") is None


def test_everyone_in_the_order_they_came(tx: Transaction) -> None:
    """The oldest account comes first."""
    later = people.create(tx, 9.0, secrets.token_bytes, "a@example.com")
    earlier = people.create(tx, 1.0, secrets.token_bytes, "b@example.com")
    assert people.everyone(tx) == [earlier, later]


def test_remove(tx: Transaction) -> None:
    """A person leaves groups and browsers with the account; the others stay."""
    ada, bob = _create(tx, "ada@example.com"), _create(tx, "bob@example.com")
    tx.add(GroupMember("team@example.com", ada.email))
    session = sessions.remember(tx, 0, sessions.start(tx, 0, "cookie"), bob.sub)
    sessions.remember(tx, 0, session, ada.sub)
    assert people.remove(tx, "ADA@example.com") == ada
    assert people.remove(tx, "ada@example.com") is None
    assert people.everyone(tx) == [bob]
    assert tx.find(GroupMember) == []
    assert [kept.subs for kept in tx.find(BrowserSession)] == [(bob.sub,)]


def test_another_name(tx: Transaction) -> None:
    """A person who is renamed keeps everything else."""
    ada = _create(tx, "ada@example.com", name="Ada Lovelace")
    renamed = people.rename(tx, ada, "Augusta  Ada King")
    assert (renamed.given_name, renamed.family_name) == ("Augusta", "Ada King")
    assert renamed.name == "Augusta Ada King"
    assert (renamed.sub, renamed.email) == (ada.sub, ada.email)
    assert people.by_email(tx, "ada@example.com") == renamed
