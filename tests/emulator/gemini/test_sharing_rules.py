"""Facts that hold after any sequence of calls by anybody: the room and `iam.sharing` together."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from gemauth.emulator.storage.records import Permission
from tests.emulator.gemini.world import ANN, GUS, MODEL, OTTO, PEOPLE, RIA, TEAM, WILL, World

PATH = f"/v1beta/{MODEL}"
ORDER = {"": 0, "READER": 1, "WRITER": 2, "OWNER": 3}
people = st.sampled_from(PEOPLE)
grantees = st.sampled_from([*PEOPLE, TEAM, ""])
roles = st.sampled_from(["READER", "WRITER", "OWNER"])


class Sharing(RuleBasedStateMachine):
    """People call the permission methods on one model in any order."""

    @initialize()
    def start(self) -> None:
        """Begin with a world of one's own."""
        self.world = World()

    def teardown(self) -> None:
        """Let go of it."""
        if hasattr(self, "world"):
            self.world.context.store.close()

    def _role(self, email: str) -> str:
        """Return a person's effective role, worked out a second time from the permissions."""
        names = {email, ""} | ({TEAM} if email == GUS else set())
        held = [role for name, role in self.world.roles().items() if name in names]
        return max(held, key=ORDER.__getitem__, default="")

    def _call(self, caller: str, verb: str, path: str, **request: Any) -> None:
        before, role = self.world.roles(), self._role(caller)
        answer = self.world.call(verb, f"{PATH}{path}", caller, **request)
        assert answer.status_code in {200, 400, 403, 404, 409}
        after = self.world.roles()
        if before != after:
            # only writers change anything, and only the owner who owns
            assert answer.status_code == 200
            assert ORDER[role] >= ORDER["WRITER"]
            owners = [[k for k, v in state.items() if v == "OWNER"] for state in (before, after)]
            assert owners[0] == owners[1] or role == "OWNER"

    @rule(caller=people, grantee=grantees, role=roles)
    def create(self, caller: str, grantee: str, role: str) -> None:
        """Grant."""
        body = {"role": role} | (
            {"emailAddress": grantee} if grantee else {"granteeType": "EVERYONE"}
        )
        self._call(caller, "POST", "/permissions", json=body)

    def _id(self, grantee: str) -> str:
        with self.world.context.store.read() as tx:
            found = tx.find(Permission, parent=MODEL, email=grantee)
        return found[0].permission_id if found else "none"

    @rule(caller=people, grantee=grantees, role=roles)
    def update(self, caller: str, grantee: str, role: str) -> None:
        """Change."""
        path = f"/permissions/{self._id(grantee)}"
        self._call(caller, "PATCH", path, json={"role": role}, updateMask="role")

    @rule(caller=people, grantee=grantees)
    def delete(self, caller: str, grantee: str) -> None:
        """Take back."""
        self._call(caller, "DELETE", f"/permissions/{self._id(grantee)}")

    @rule(caller=people, to=people)
    def transfer(self, caller: str, to: str) -> None:
        """Transfer ownership."""
        self._call(caller, "POST", ":transferOwnership", json={"emailAddress": to})

    @invariant()
    def one_owner_and_everyone_only_reads(self) -> None:
        """There is exactly one owner, and the whole world may never do more than read."""
        held = self.world.roles()
        assert list(held.values()).count("OWNER") == 1
        assert held.get("", "READER") == "READER"

    @invariant()
    def roles_are_concentric(self) -> None:
        """What each person may do is what the role says, and a role holds the smaller ones."""
        for email in PEOPLE:
            role = ORDER[self._role(email)]
            may_read = self.world.call("GET", PATH, email).status_code == 200
            body = {"description": "d"}
            may_write = self.world.call("PATCH", PATH, email, json=body).status_code == 200
            assert (may_read, may_write) == (role >= 1, role >= 2)


TestSharing = Sharing.TestCase
TestSharing.settings = settings(max_examples=10, stateful_step_count=10, deadline=None)


@pytest.mark.parametrize("reader", [RIA, GUS])
@given(calls=st.lists(st.tuples(st.integers(0, 4), roles, grantees), max_size=5))
@settings(max_examples=20)
def test_a_reader_never_gains_write(reader: str, calls: list[tuple[int, str, str]]) -> None:
    """Nothing that a reader calls changes a role, his own or another's."""
    world = World()
    before = world.roles()
    for kind, role, grantee in calls:
        body: dict[str, Any] = {"role": role, "emailAddress": grantee or reader}
        match kind:
            case 0:
                world.call("POST", f"{PATH}/permissions", reader, json=body)
            case 1:
                world.call("PATCH", f"{PATH}/permissions/p3", reader, json=body, updateMask="role")
            case 2:
                world.call("PATCH", f"{PATH}/permissions/p4", reader, json=body, updateMask="role")
            case 3:
                world.call("DELETE", f"{PATH}/permissions/p1", reader)
            case _:
                world.call("POST", f"{PATH}:transferOwnership", reader, json=body)
        assert world.roles() == before
    assert world.call("PATCH", PATH, reader, json={"description": "d"}).status_code == 403
    assert world.call("DELETE", PATH, reader).status_code == 403
    world.context.store.close()


@pytest.mark.parametrize(("email", "deletes"), [(ANN, 200), (WILL, 403), (RIA, 403), (OTTO, 403)])
def test_only_the_owner_deletes(world: World, email: str, deletes: int) -> None:
    """OWNER adds deleting to what a WRITER may."""
    assert world.call("DELETE", PATH, email).status_code == deletes
