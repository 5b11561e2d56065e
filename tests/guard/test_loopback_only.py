"""The namespace: the kernel itself knows nothing but loopback, for Python and everything else."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.guard import loopback_only
from tests.isolation import GUARD

SCRIPT = str(GUARD / "loopback_only.py")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the script as `make` does."""
    return subprocess.run(
        [sys.executable, SCRIPT, *arguments],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def permitted() -> bool:
    """Say whether this machine permits a namespace; the script's own answer."""
    return run("--require", "--", "true").returncode == 0


def test_only_loopback_is_left() -> None:
    """Inside, there is one interface, it is up, and no address elsewhere has a route.

    The child runs without the audit hook (-S: no sitecustomize), so that the kernel answers.
    """
    if not permitted():
        pytest.skip("this machine permits no network namespace; the audit hook is the only guard")
    code = """
import errno, socket
print(*(name for _, name in socket.if_nameindex()))
with socket.create_server(("127.0.0.1", 0)) as server:
    socket.create_connection(server.getsockname()).close()
    print("loopback")
for address in ("192.0.2.1", "169.254.169.254"):
    with socket.socket() as stray:
        print(errno.errorcode[stray.connect_ex((address, 80))])
"""
    inside = run("--require", "--", sys.executable, "-S", "-c", code)
    told, interfaces, *rest = inside.stdout.splitlines()
    assert told == "guard: kernel (network namespace with loopback only) and audit hook"
    assert interfaces == "lo", inside
    assert rest == ["loopback", "ENETUNREACH", "ENETUNREACH"]


def test_the_exit_code_is_the_commands() -> None:
    """A failing suite inside fails outside."""
    assert run("--", sys.executable, "-c", "raise SystemExit(3)").returncode == 3


def test_nothing_to_run_is_a_usage_error() -> None:
    """Without a command nothing is run, and the usage is told."""
    nothing = run("--")
    assert nothing.returncode == 1
    assert "usage:" in nothing.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["--", "true"], 0, "guard: AUDIT HOOK ONLY"),
        (["--require", "--", "true"], 77, "not run"),
    ],
)
def test_without_a_namespace_it_says_so(
    arguments: list[str],
    code: int,
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Where the kernel forbids it, the weaker guard is named, or the command is not run."""

    def forbidden() -> None:
        raise PermissionError(1, "Operation not permitted")

    def become(file: str, command: list[str]) -> None:
        assert command == ["true"]
        raise SystemExit(0)

    monkeypatch.setattr(loopback_only, "enter", forbidden)
    monkeypatch.setattr("os.execvp", become)
    with pytest.raises(SystemExit) as ended:
        loopback_only.main(arguments)
    assert ended.value.code == code
    captured = capfd.readouterr()
    assert told in captured.out + captured.err


def test_other_systems_have_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there are no network namespaces at all, the reason names the platform."""
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(OSError, match="darwin has no network namespaces"):
        loopback_only.enter()
