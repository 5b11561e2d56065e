from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from gemauth.emulator.server.banner import ENFORCED, Started, loosened
from gemauth.emulator.settings import Settings

ADDRESS = "http://127.0.0.1:8085"


def started(settings: Settings) -> Started:
    """Return a start with some settings."""
    return Started(ADDRESS, 4711, "2026-01-01T00:00:00Z", settings)


def test_people_are_told_where_it_is_and_what_it_enforces() -> None:
    """The banner has the address, what is enforced, where data are, and how to point programs"""
    text = started(Settings(data=Path("/data"))).to_text()
    assert ADDRESS in text
    assert "/data (kept)" in text
    assert f"export GEMAUTH_EMULATOR={ADDRESS}" in text
    assert all(each in text for each in ENFORCED)
    assert "not Google" in text
    assert "gone when it stops" in started(Settings()).to_text()


def test_programs_get_the_same_in_json() -> None:
    """One object holds address, process, start, data folder, what is enforced and loosened"""
    assert started(Settings(data=Path("/data"))).to_json() == {
        "address": ADDRESS,
        "pid": 4711,
        "started": "2026-01-01T00:00:00Z",
        "data": "/data",
        "enforced": list(ENFORCED),
        "loosened": [],
    }
    assert started(Settings()).to_json()["data"] is None


def test_every_loosening_is_told() -> None:
    """Each setting that loosens something has its words in the banner while it is on"""
    flags = [f.name for f in fields(Settings) if f.type == "bool"]
    on = loosened(Settings(**dict.fromkeys(flags, True)))  # type: ignore[arg-type]
    assert list(on) == flags
    assert all(on.values())
    assert loosened(Settings(**dict.fromkeys(flags, False))) == {}  # type: ignore[arg-type]
    assert "LOOSENED" not in started(Settings()).to_text()
    loose = Settings(accept_standard_api_keys_on_tuned_models=True)
    assert "LOOSENED  accept_standard" in started(loose).to_text()
