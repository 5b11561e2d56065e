"""Isolates every test: its home, its environment, its network (see `isolation.py`); and searches
what it tells for secrets (`secrecy.py`).

Loaded in both environments, `.venv` and `.venv-interop`: needs nothing but pytest.
"""

from __future__ import annotations

import importlib.util
import itertools
import os
import shutil
import signal
import threading
from typing import TYPE_CHECKING

import pytest

from tests import secrecy
from tests.isolation import Outbound, clean_environment, new_folder

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

# The judges are installed in .venv-interop only; there, `make interop` fails if no test was found.
collect_ignore = [] if importlib.util.find_spec("google_auth_oauthlib") is not None else ["interop"]

if importlib.util.find_spec("hypothesis") is not None:
    from hypothesis import settings

    # Two noisy cores: the time of one example proves nothing.
    settings.register_profile("gemauth", deadline=None, print_blob=True)
    settings.load_profile("gemauth")

_FOLDER = new_folder()
_OUTBOUND = Outbound(_FOLDER / "outbound.log")
_NO_TESTS_HOME = _FOLDER / "no-test"  # collection's, and that of fixtures wider than one test
_NO_TESTS_HOME.mkdir()
_CLEAN = clean_environment(os.environ, _NO_TESTS_HOME, _OUTBOUND.log)


def _set_environment(environ: dict[str, str]) -> None:
    for name in [*os.environ]:
        if name not in environ and not name.startswith("PYTEST_"):  # pytest keeps notes of its own
            del os.environ[name]
    os.environ.update(environ)


# At import, not in a fixture: modules that are collected must not see the developer's either.
_set_environment(_CLEAN)
_OUTBOUND.install()


# Likewise: names that are imported later are those that are listened to. Not for the judges, whose
# own packages print what they like.
_SECRECY = secrecy.installed() if collect_ignore else None


# A shell ignores these for its jobs in the background, nohup does too, and programs inherit that:
# those that tests start are to be stopped by them whoever started the tests.
if threading.current_thread() is threading.main_thread():
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for _name in ("SIGHUP", "SIGQUIT"):
        if hasattr(signal, _name):
            signal.signal(getattr(signal, _name), signal.SIG_DFL)

_homes = itertools.count()


@pytest.fixture(autouse=True)
def _isolated() -> Iterator[Path]:
    """Give each test a home of its own, empty, and an environment nobody has written to."""
    folder = _FOLDER / f"home-{next(_homes)}"
    folder.mkdir()
    _set_environment(clean_environment(_CLEAN, folder, _OUTBOUND.log))
    yield folder
    _set_environment(_CLEAN)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def home(_isolated: Path) -> Path:
    """The test's own home folder: HOME, XDG_*, APPDATA and CLOUDSDK_CONFIG lead into it."""
    return _isolated


def pytest_configure(config: pytest.Config) -> None:
    """Have what is told searched for secrets."""
    if _SECRECY is not None:
        secrecy.register(_SECRECY, config)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail the phase in which something tried to leave loopback, even if it was swallowed."""
    report = yield
    if attempts := _OUTBOUND.untold():
        told = "\n".join(["tests never leave loopback, but this one tried:", *attempts])
        report.outcome = "failed"
        report.longrepr = f"{report.longreprtext}\n{told}".lstrip()
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the run for attempts that belong to no test: collection, threads, late children."""
    if attempts := _OUTBOUND.untold():
        print("\noutside of any test, something tried to leave loopback:", *attempts, sep="\n")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_unconfigure() -> None:
    """Remove the homes."""
    shutil.rmtree(_FOLDER, ignore_errors=True)
