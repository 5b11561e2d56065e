"""Sign-ins and the file they are kept in, when machines are at their worst.

Real processes, real signals, real file systems: kill -9 while the file is written, two sign-ins at
once, a full or read-only disk, any umask. The token cache has `test_cache.py` and
`tests/client/sources/test_stampede.py`.
"""

from __future__ import annotations

import json
import os
import random
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gemauth.testing.emulator import EmulatorServer
from gemauth.testing.person import Person
from tests.client.stampede import mount_over

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [
    pytest.mark.crash,
    pytest.mark.skipif(sys.platform == "win32", reason="signals, umasks and mounts of POSIX"),
]

ADA, BOB = "ada@example.com", "bob@example.com"
PROJECT = "my-project"
SCOPES = ("--scopes", "cloud-platform,tuning,openid,email")
SEED = {
    "accounts": [{"email": email} for email in (ADA, BOB)],
    "projects": [
        {
            "projectId": PROJECT,
            "owner": ADA,
            "services": ["generativelanguage.googleapis.com"],
            "consentScreen": {"appName": "Demo", "supportEmail": ADA},
            "testUsers": [ADA, BOB],
            "clients": [{"kind": "desktop", "name": "cli"}],
        }
    ],
}
CHANGE = """
import itertools, os
from gemauth.client import quota_project
print("ready", flush=True)
for number in itertools.count():
    quota_project.write(f"project-{os.getpid()}-{number}", checked=False)
"""


class Machine:
    """A home, a client's file, an emulator."""

    def __init__(self, emulator: EmulatorServer, home: Path) -> None:
        self.home = home
        self.client_file = home / "client_secret.json"
        seeded = emulator.control.seed(SEED)
        self.client_file.write_text(json.dumps(seeded["clients"][0]["file"]))
        self.environ = {**os.environ, "GEMAUTH_EMULATOR": emulator.address}
        self.adc = Path(
            self.environ.get("CLOUDSDK_CONFIG") or home / ".config" / "gcloud",
            "application_default_credentials.json",
        )

    def start(self, *words: str, **more: Any) -> subprocess.Popen[str]:
        """Start a command."""
        return subprocess.Popen(
            [sys.executable, "-m", "gemauth", *words],
            env=self.environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **more,
        )

    def run(self, *words: str, **more: Any) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        process = self.start(*words, **more)
        out, err = process.communicate(timeout=30)
        return subprocess.CompletedProcess(words, process.returncode, out, err)

    def begin(self, *more: str, **how: Any) -> tuple[subprocess.Popen[str], str]:
        """Begin a sign-in; return the process and the address to open."""
        words = ("login", "--client-id-file", str(self.client_file), "--no-browser", *SCOPES, *more)
        process = self.start(*words, **how)
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("    http"):
                return process, line.strip()
        raise AssertionError(process.wait())

    def login(self, account: str, *more: str, **how: Any) -> subprocess.CompletedProcess[str]:
        """Sign somebody in."""
        process, url = self.begin(*more, **how)
        out, err = process.communicate(Person(account).consent(url) + "\n", timeout=30)
        return subprocess.CompletedProcess((), process.returncode, out, err)

    def kept(self) -> dict[str, Any]:
        """Return what the ADC file says: it is whole, and its owner's alone."""
        assert stat.S_IMODE(self.adc.stat().st_mode) == 0o600
        body: dict[str, Any] = json.loads(self.adc.read_bytes())
        assert body["type"] == "authorized_user"
        return body

    def token(self) -> str:
        """Return a new access token, had with the file."""
        done = self.run("print-access-token", "--fresh")
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


@pytest.fixture
def machine(home: Path) -> Iterator[Machine]:
    """A machine with an emulator that runs in the test's process."""
    with EmulatorServer() as emulator:
        yield Machine(emulator, home)


@pytest.mark.timeout(120)
def test_killed_while_the_file_is_written(machine: Machine) -> None:
    """Eight at a time rewrite the file and are killed at a random moment, 40 in all: it is whole
    after every one, the sign-in in it is the same, and the next command works.
    """
    assert machine.login(ADA).returncode == 0
    before = machine.kept()
    seed = int(os.environ.get("CRASH_SEED") or random.randrange(2**32))
    print(f"\nCRASH_SEED={seed}")  # to have the same moments again
    chance = random.Random(seed)
    seen = set()
    for _ in range(5):
        processes = [
            subprocess.Popen(
                [sys.executable, "-c", CHANGE],
                env=machine.environ,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
            for _ in range(8)
        ]
        for process in processes:
            assert process.stdout is not None
            process.stdout.readline()
        for process in processes:
            time.sleep(chance.uniform(0, 0.05))
            process.kill()
            process.wait()
            assert process.stdout is not None
            process.stdout.close()
            body = machine.kept()
            seen.add(body.pop("quota_project_id", None))
            assert body == before
    assert len(seen) > 3
    assert machine.token().startswith("ya29.emu-")
    done = machine.run("set-quota-project", "--clear")
    assert done.returncode == 0, done.stderr
    assert machine.kept() == before


@pytest.mark.timeout(120)
def test_two_sign_ins_at_once(machine: Machine) -> None:
    """Both succeed, and what is kept is one of them whole: its account, its token, its remark."""
    for _ in range(3):
        begun = [(account, *machine.begin()) for account in (ADA, BOB)]
        answers = [(process, Person(who).consent(url)) for who, process, url in begun]
        for process, answer in answers:
            assert process.stdin is not None
            process.stdin.write(f"{answer}\n")
            process.stdin.flush()
        for process, _ in answers:
            _, err = process.communicate(timeout=30)
            assert process.returncode == 0, err
        winner = machine.kept()["account"]
        told = machine.run("status", "--online", "--format", "json")
        assert told.returncode == 0, told.stderr
        credentials = json.loads(told.stdout)["credentials"]
        assert credentials["account"] == winner
        assert credentials["tokenUsable"] is True
        assert credentials["project"] == PROJECT
        assert machine.token().startswith("ya29.emu-")


@pytest.mark.timeout(60)
def test_a_sign_in_and_a_refresh_at_once(machine: Machine) -> None:
    """Who refreshes the old sign-in meanwhile never leaves its token for the new one."""
    assert machine.login(ADA).returncode == 0
    old = machine.token()
    process, url = machine.begin()
    answer = Person(BOB).consent(url)
    refreshing = machine.start("print-access-token", "--fresh")
    _, err = process.communicate(f"{answer}\n", timeout=30)
    assert process.returncode == 0, err
    refreshing.communicate(timeout=30)
    assert refreshing.returncode == 0
    told = machine.run("token-info", "--format", "json")
    assert json.loads(told.stdout)["account"] == BOB
    assert machine.run("print-access-token").stdout.strip() != old


@pytest.mark.timeout(60)
@pytest.mark.parametrize("umask", [0o000, 0o777])
def test_any_umask(machine: Machine, umask: int) -> None:
    """All that a sign-in, a refresh and a change leave is for the owner alone: 0600 and 0700."""
    before = {*machine.home.rglob("*"), machine.home / ".config"}
    more: dict[str, Any] = {"umask": umask}
    assert machine.login(ADA, **more).returncode == 0
    assert machine.run("print-access-token", "--fresh", **more).returncode == 0
    assert machine.run("set-quota-project", PROJECT, "--no-check", **more).returncode == 0
    made = {*machine.home.rglob("*")} - before
    assert machine.adc in made
    modes = {(path.is_dir(), stat.S_IMODE(path.stat().st_mode)) for path in made}
    assert modes == {(True, 0o700), (False, 0o600)}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("options", ["full", "ro"])
def test_a_disk_that_takes_nothing(machine: Machine, options: str) -> None:
    """Full, or read-only: exit code 7 and a sentence; what was there is as it was, and nothing
    half is left. A token is had all the same, since that needs no disk.
    """
    assert machine.login(ADA).returncode == 0
    before = machine.adc.read_bytes()
    own = machine.home / ".config" / "gemauth"

    def on_it() -> None:
        os.umask(0o077)
        for folder in (machine.adc.parent, own):
            if not bad_disk(folder, read_only=options == "ro"):
                os._exit(99)

    changed = machine.run("set-quota-project", PROJECT, "--no-check", preexec_fn=on_it)
    if changed.returncode == 99:
        pytest.skip("no mount namespaces here")
    assert changed.returncode == 7, changed.stderr
    assert "cannot be written" in changed.stderr
    told = machine.run("print-access-token", "--fresh", preexec_fn=on_it)
    assert told.returncode == 0, told.stderr
    if options == "full":
        again, url = machine.begin(preexec_fn=on_it)
        _, err = again.communicate(f"{Person(BOB).consent(url)}\n", timeout=30)
        assert (again.returncode, "cannot be written" in err) == (7, True), err
    else:  # that shows before anybody has signed in
        words = ("login", "--client-id-file", str(machine.client_file), "--no-browser")
        refused = machine.run(*words, preexec_fn=on_it)
        assert (refused.returncode, "http" in refused.stderr) == (7, False), refused.stderr
    out = machine.run("logout", "--yes", preexec_fn=on_it)
    if options == "ro":
        assert (out.returncode, "cannot be deleted" in out.stderr) == (7, True), out.stderr
        assert "The server has ended the sign-in." in out.stderr
    else:  # deleting takes no room
        assert out.returncode == 0, out.stderr
    assert machine.adc.read_bytes() == before  # ours: the bad disks were the processes' own


@pytest.mark.timeout(60)
def test_files_that_are_torn(machine: Machine) -> None:
    """A credential file that cannot be read is told of and kept, and only --replace overwrites it;
    what gemauth remembers beside it may be torn without harm.
    """
    assert machine.login(ADA).returncode == 0
    own = machine.home / ".config" / "gemauth"
    for path in [*own.rglob("*")]:
        if path.is_file():
            path.write_bytes(b'{"torn": "\xff')
    assert machine.token().startswith("ya29.emu-")
    assert machine.run("status").returncode == 0
    assert machine.run("profiles", "list").returncode == 0
    machine.adc.write_text('{"type": "authorized_user", "refresh_tok')
    torn = machine.adc.read_bytes()
    words = ("login", "--client-id-file", str(machine.client_file), "--no-browser")
    for command in (("print-access-token",), ("set-quota-project", "p-1"), ("logout", "-y"), words):
        done = machine.run(*command)
        assert (done.returncode, "is no JSON file" in done.stderr) == (7, True), done.stderr
        assert "Traceback" not in done.stderr
    assert machine.adc.read_bytes() == torn
    assert machine.login(BOB, "--replace").returncode == 0
    assert machine.token().startswith("ya29.emu-")


@pytest.mark.timeout(60)
def test_a_link(machine: Machine, tmp_path: Path) -> None:
    """Read through, never written through; signing out takes what it leads to."""
    assert machine.login(ADA).returncode == 0
    real = tmp_path / "real.json"
    machine.adc.rename(real)
    machine.adc.symlink_to(real)
    before = real.read_bytes()
    assert machine.token().startswith("ya29.emu-")
    words = ("login", "--client-id-file", str(machine.client_file), "--no-browser")
    for command in (words, ("set-quota-project", "p-1", "--no-check")):
        done = machine.run(*command)
        assert (done.returncode, "symbolic link" in done.stderr) == (7, True), done.stderr
    assert real.read_bytes() == before
    assert machine.run("logout", "--yes").returncode == 0
    assert not machine.adc.is_symlink()
    assert not real.exists()


@pytest.mark.timeout(60)
def test_who_held_the_lock_is_gone(machine: Machine) -> None:
    """A process that died while it changed profiles is waited for by nobody; one that lives is,
    and after a while the others are told.
    """
    assert machine.login(ADA).returncode == 0
    lock = machine.home / ".config" / "gemauth" / "locks" / "profiles"
    code = (
        "import fcntl, os, sys\n"
        "fcntl.flock(os.open(sys.argv[1], os.O_RDWR), fcntl.LOCK_EX)\n"
        "print('held', flush=True)\n"
        "sys.stdin.read()\n"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    told = machine.run("set-quota-project", "p-1", "--no-check")
    assert (told.returncode, "Another process" in told.stderr) == (2, True), told.stderr
    holder.kill()
    holder.communicate()
    start = time.monotonic()
    assert machine.run("set-quota-project", "p-1", "--no-check").returncode == 0
    assert time.monotonic() - start < 5.0


def bad_disk(folder: Path, *, read_only: bool) -> bool:
    """Put a folder's files onto a disk of their own that takes no more; whether we may."""
    import ctypes

    kept = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    if not mount_over(folder, "size=32k"):
        return False
    (folder / "fill").unlink()
    for name, content in kept.items():
        (folder / name).write_bytes(content)
        (folder / name).chmod(0o600)
    if read_only:
        libc, remount, read = ctypes.CDLL(None), 0x20, 1
        return not libc.mount(b"none", bytes(folder), None, remount | read, None)
    with (folder / "fill").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return True
