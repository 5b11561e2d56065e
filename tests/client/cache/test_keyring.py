from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import util
from typing import TYPE_CHECKING

import keyring as package
import pytest
from keyring.backends import fail, null
from keyring.backends.chainer import ChainerBackend

from gemauth.client.cache import adc, keyring
from gemauth.client.cache.keyring import KeyringError, Pointer
from gemauth.errors import CredentialError, DataError, Fault, UsageError
from gemauth.google.credentials import AuthorizedUser
from tests.client.cache import keyrings
from tests.client.profiles.people import ADA

if TYPE_CHECKING:
    from pathlib import Path

Use = Callable[[package.backend.KeyringBackend], package.backend.KeyringBackend]
NAME = "tests.client.cache.keyrings.Memory"


@pytest.fixture(autouse=True)
def use(monkeypatch: pytest.MonkeyPatch) -> Iterator[Use]:
    """Choose the keyring of this process; without a choice it is one that works."""

    def chosen(backend: package.backend.KeyringBackend) -> package.backend.KeyringBackend:
        monkeypatch.setattr(package.core, "_keyring_backend", backend)
        # Those that there are, so that none of this machine's is asked.
        monkeypatch.setattr(package.backend, "get_all_keyring", lambda: [backend])
        return backend

    chosen(keyrings.Memory())
    yield chosen
    left = [t for t in threading.enumerate() if t.name == "gemauth-keyring"]
    for thread in left:
        thread.join(5)
        assert not thread.is_alive()


def kept() -> dict[tuple[str, str], str]:
    """What the keyring has."""
    backend = package.get_keyring()
    assert isinstance(backend, keyrings.Memory)
    return backend.kept


def test_there_and_back() -> None:
    """What is kept is read again, and deleted once."""
    person = replace(ADA, quota_project_id="billed", scopes=("a",))
    pointer = keyring.keep(person)
    assert keyring.read(pointer) == person
    assert keyring.delete(pointer) is True
    assert keyring.delete(pointer) is False
    assert kept() == {}


def test_the_pointer_has_no_secret() -> None:
    """Neither the refresh token nor the client's secret; and each sign-in has another entry."""
    first, second = keyring.keep(ADA), keyring.keep(ADA)
    raw = adc.form(first.to_json())
    for secret in (ADA.refresh_token, ADA.client_secret):
        assert secret.encode() not in raw
        assert secret not in repr(first)
    assert first.backend == NAME
    assert first.entry != second.entry
    assert Pointer.from_json(json.loads(raw)) == first
    assert len(kept()) == 2


def test_other_libraries_do_not_take_it_for_a_sign_in() -> None:
    """Its type is no type of ADC's."""
    assert keyring.keep(ADA).to_json()["type"] == "gemauth_keyring"


@pytest.mark.parametrize(
    "change", [{"entry": None}, {"backend": 1}, {"scopes": "a"}, {"quota_project_id": 3}]
)
def test_a_broken_pointer(change: dict[str, object]) -> None:
    """It is told, with what it lacks."""
    body = {**keyring.keep(ADA).to_json(), **change}
    with pytest.raises(DataError, match=f"lacks {next(iter(change))}"):
        Pointer.from_json(body)


def test_the_probe_leaves_nothing() -> None:
    """It names the keyring that it found to work."""
    assert keyring.probe() == NAME
    assert kept() == {}


@pytest.mark.parametrize(
    ("backend", "told"),
    [
        (keyrings.Forgetful(), "gave nothing back"),
        (keyrings.Empty(), "gave 0 characters of 64 back"),
        (keyrings.Sticky(), "still has an entry"),
        (keyrings.Locked(), "cannot be used now"),
    ],
)
def test_the_probe_of_one_that_fails(use: Use, backend: keyrings.Memory, told: str) -> None:
    """Whatever it fails at, before a person signs in, and by its name."""
    use(backend)
    with pytest.raises(KeyringError, match=told) as caught:
        keyring.probe()
    assert caught.value.fault is Fault.MACHINE
    assert type(backend).__name__ in caught.value.message


@pytest.mark.parametrize("backend", [fail.Keyring, null.Keyring, keyrings.Plain])
def test_no_keyring_to_trust(
    use: Use, backend: Callable[[], package.backend.KeyringBackend]
) -> None:
    """None at all, one that forgets on purpose, one that may be a plain file: all refused."""
    use(backend())
    for work in (keyring.probe, lambda: keyring.keep(ADA)):
        with pytest.raises(UsageError, match="no keyring that can be trusted"):
            work()


def test_of_a_chain_the_first(use: Use, monkeypatch: pytest.MonkeyPatch) -> None:
    """A chain would pass on in silence; the first takes it or it is an error."""
    first, second = keyrings.Locked(), keyrings.Memory()
    chain = ChainerBackend()  # type: ignore[no-untyped-call]  # the package's
    monkeypatch.setattr(ChainerBackend, "backends", [first, second])
    use(chain)
    with pytest.raises(KeyringError, match="Locked"):
        keyring.keep(ADA)
    assert second.kept == {}


@pytest.mark.parametrize("secret", ["", "{", "[]", '{"refresh_token": "x"}'])
def test_an_entry_that_is_not_what_was_kept(secret: str) -> None:
    """No bytes, another program's words: never taken for a sign-in, and never for a bad token."""
    pointer = keyring.keep(ADA)
    kept()["gemauth", pointer.entry] = secret
    with pytest.raises(KeyringError, match=r"no entry|something else") as caught:
        keyring.read(pointer)
    assert "--store keyring" in (caught.value.next_step or "")


def test_an_entry_that_is_gone() -> None:
    """The same."""
    pointer = keyring.keep(ADA)
    kept().clear()
    with pytest.raises(KeyringError, match="no entry"):
        keyring.read(pointer)


def test_a_keyring_that_is_not_there(use: Use) -> None:
    """Only the one that holds it is asked, no other that happens to be in use now."""
    pointer = keyring.keep(ADA)
    other = keyrings.Sticky()
    use(other)
    for work in (keyring.read, keyring.delete):
        with pytest.raises(KeyringError, match="is not to be had here"):
            work(pointer)


def test_nothing_is_imported_that_a_file_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pointer from elsewhere names a class; only keyrings that there are count."""
    monkeypatch.delitem(sys.modules, "this", raising=False)
    with pytest.raises(KeyringError, match=r"this\.Keyring is not to be had"):
        keyring.read(replace(keyring.keep(ADA), backend="this.Keyring"))
    assert "this" not in sys.modules


def test_a_locked_keyring_tells_no_secret(use: Use) -> None:
    """What a plug-in says is evidence, and is shown without what it was given."""
    pointer = keyring.keep(ADA)
    use(keyrings.Locked())
    with pytest.raises(KeyringError) as caught:
        keyring.keep(ADA)
    assert "KeyringLocked" in (caught.value.evidence or "")
    shown = f"{caught.value}{caught.value.evidence}{caught.value!r}"
    for secret in (ADA.refresh_token, ADA.client_secret):
        assert secret not in shown
    with pytest.raises(KeyringError, match="locked, or refuses"):
        keyring.read(replace(pointer, backend="tests.client.cache.keyrings.Locked"))


def test_a_keyring_that_repeats_what_it_was_given(use: Use) -> None:
    """In an encoding of its own, where nobody finds the secret; of a probe everything is told."""
    use(keyrings.Repeating())
    with pytest.raises(KeyringError) as caught:
        keyring.keep(ADA)
    assert caught.value.evidence == "RuntimeError"
    with pytest.raises(KeyringError) as caught:
        keyring.probe()
    assert "D-Bus refuses" in (caught.value.evidence or "")


def test_a_keyring_that_never_answers(use: Use) -> None:
    """Waiting has an end; what it writes after all is deleted again."""
    backend = use(keyrings.Hanging())
    assert isinstance(backend, keyrings.Hanging)
    with pytest.raises(KeyringError, match=r"did not answer within 0\.01 seconds"):
        keyring.keep(ADA, patience=0.01)
    backend.answered.set()
    assert backend.wrote.wait(5)
    assert backend.kept == {}


HANGING_BUS = """
import os, socket, sys, time
path = sys.argv[1]
bus = socket.socket(socket.AF_UNIX)
bus.bind(path)
bus.listen()
os.environ["DBUS_SESSION_BUS_ADDRESS"] = f"unix:path={path}"
from gemauth.client.cache import keyring
try:
    keyring.probe(patience=0.5)
except keyring.KeyringError as error:
    print(error.message)
"""


@pytest.mark.processes
@pytest.mark.skipif(sys.platform != "linux", reason="D-Bus is where Linux has its keyring")
def test_a_bus_that_never_answers(tmp_path: Path) -> None:
    """The real backend, on a D-Bus that takes connections and says nothing: told, not waited for"""
    command = [sys.executable, "-c", HANGING_BUS, str(tmp_path / "bus")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20)
    assert done.stdout == "The system's keyring did not answer within 0.5 seconds.\n", done.stderr


def test_the_backend_cannot_be_found_out(use: Use, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plug-in that breaks while it is loaded is a keyring that is not there."""
    pointer = keyring.keep(ADA)

    def broken() -> None:
        raise RuntimeError("no D-Bus")

    monkeypatch.setattr(package, "get_keyring", broken)
    with pytest.raises(UsageError, match="no keyring that can be trusted") as none:
        keyring.probe()
    assert none.value.evidence == "RuntimeError: no D-Bus"
    with pytest.raises(KeyringError, match="cannot be reached here"):
        keyring.read(pointer)


def test_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names what to install."""
    pointer = keyring.keep(ADA)
    monkeypatch.setattr(util, "find_spec", lambda _: None)
    for work in (keyring.probe, lambda: keyring.keep(ADA), lambda: keyring.read(pointer)):
        with pytest.raises(UsageError, match="not installed") as caught:
            work()
        assert caught.value.next_step == "pip install 'gemauth[keyring]'"


def test_it_is_no_refused_token() -> None:
    """A keyring's failure is one of credentials, and says so itself."""
    assert issubclass(KeyringError, CredentialError)
    assert isinstance(ADA, AuthorizedUser)
