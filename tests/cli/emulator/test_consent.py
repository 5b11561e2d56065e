from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.cli.emulator.conftest import Desk


def test_a_consent_screen_is_set_and_shown(lab: Desk) -> None:
    """Every setting reaches the emulator; scopes may be short"""
    lab.run(
        *("consent-screen", "set", "my-project", "--app-name", "App"),
        *("--support-email", "ada@example.com", "--publishing-status", "production"),
        *("--scopes", "tuning,retriever"),
    )
    screen = lab.run("consent-screen", "get", "my-project", "--format", "json").json
    assert (screen["appName"], screen["publishingStatus"]) == ("App", "production")
    assert len(screen["scopes"]) == 2
    refused = lab.run(
        *("consent-screen", "set", "my-project", "--app-name", "App"),
        *("--support-email", "ada@example.com", "--user-type", "internal"),
        code=4,
    )
    assert "organization" in refused.err


def test_settings_stay(lab: Desk) -> None:
    """What is not named stays as it is; without a screen, what it needs first is said."""
    first = ("consent-screen", "set", "my-project", "--app-name", "App", "--scopes", "tuning")
    lab.run(*first, "--publishing-status", "production")
    lab.run("consent-screen", "set", "my-project", "--support-email", "help@example.com")
    screen = lab.run("consent-screen", "get", "my-project", "--format", "json").json
    assert (screen["appName"], screen["supportEmail"]) == ("App", "help@example.com")
    assert (screen["publishingStatus"], len(screen["scopes"])) == ("production", 1)
    lab.emulator.control.create_project("bare-project")
    bare = lab.run("consent-screen", "set", "bare-project", "--app-name", "App", code=2)
    assert "--support-email" in bare.err
    assert lab.run("consent-screen", "set", "no-project", "--app-name", "App", code=6).err


def test_testers_come_and_go(lab: Desk) -> None:
    """Add tells how many of the 100 are used; list and remove do as they say"""
    told = lab.run("test-users", "add", "my-project", "bob@example.com").err
    assert "1 of 100" in told
    assert "bob@example.com" in lab.run("test-users", "list", "my-project").out
    lab.run("test-users", "remove", "my-project", "bob@example.com")
    assert lab.run("test-users", "list", "my-project").err == "There are no test users.\n"
