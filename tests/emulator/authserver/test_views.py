from __future__ import annotations

from gemauth.emulator.authserver import views
from gemauth.emulator.authserver.blocked import Blocked, Reason


def test_a_command_is_told_from_advice() -> None:
    """A next step that is a command is set as one, to be copied."""
    command = Blocked(Reason.STALE, "d", "gemauth emulator clients enable x")
    assert views.blocked(command, {})["is_command"]
    assert not views.blocked(Blocked(Reason.STALE, "d", "Send scope."), {})["is_command"]
    assert not views.blocked(Blocked(Reason.STALE, "d"), {})["is_command"]


def test_no_details_of_an_unread_request() -> None:
    """A page without a request has no details to show."""
    assert views.blocked(Blocked(Reason.STALE, "d"), {})["details_lines"] == []
