from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from gemauth.run import child

pytestmark = pytest.mark.processes

# Runs a command as `gemauth emulator run` does, in a process that a test can send signals to.
RUNNER = """
import os, sys
from gemauth.run import child
sys.exit(child.run(sys.argv[1:], os.environ))
"""
# What a shell does with one job: its own group, in the foreground; told of its stop; continued.
JOB_CONTROL = """
import os, signal, subprocess, sys
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
job = subprocess.Popen(sys.argv[1:], process_group=0)
os.tcsetpgrp(0, job.pid)
assert os.WIFSTOPPED(os.waitpid(job.pid, os.WUNTRACED)[1])
print("stopped", flush=True)
os.killpg(job.pid, signal.SIGCONT)
sys.exit(job.wait())
"""


def sh(line: str, *, terminal: bool = False) -> int:
    """Run a shell's line; its exit code."""
    return child.run(["/bin/sh", "-c", line], os.environ, terminal=terminal)


def runner(*command: str, pass_fds: tuple[int, ...] = ()) -> subprocess.Popen[str]:
    """Start a process that runs a command, in a session without a terminal."""
    return subprocess.Popen(
        [sys.executable, "-c", RUNNER, *command],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        pass_fds=pass_fds,
    )


def is_alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_for_end(pid: int) -> None:
    """Wait until a process is gone."""
    end = time.monotonic() + 10
    while is_alive(pid):
        assert time.monotonic() < end, f"process {pid} is still there"
        time.sleep(0.01)


@pytest.mark.parametrize("code", [0, 1, 77, 255])
@pytest.mark.parametrize("terminal", [True, False])
def test_the_exit_code_is_the_programs(code: int, terminal: bool) -> None:  # noqa: FBT001
    """With a terminal and without one"""
    assert sh(f"exit {code}", terminal=terminal) == code


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGABRT])
def test_a_program_that_a_signal_ended(number: signal.Signals) -> None:
    """Is told as shells tell it: 128 + the signal's number"""
    assert sh(f"ulimit -c 0; kill -{int(number)} $$") == 128 + number


@pytest.mark.parametrize(
    "number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGUSR1]
)
def test_signals_are_handed_on(number: signal.Signals) -> None:
    """What a supervisor sends to us reaches the program, whose own answer counts"""
    line = f"trap 'echo got; exit 3' {int(number)}; echo ready; while :; do sleep 0.02; done"
    process = runner("/bin/sh", "-c", line)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(number)
    assert process.communicate(timeout=20)[0] == "got\n"
    assert process.returncode == 3


def test_what_the_program_leaves_running_ends_with_it() -> None:
    """Without a terminal: a grandchild in the background, also one that ignores being asked"""
    line = "(trap '' TERM; sleep 100) & echo $!; sleep 100 & echo $!; exit 5"
    process = runner("/bin/sh", "-c", line)
    out, _ = process.communicate(timeout=20)
    assert process.returncode == 5
    for pid in map(int, out.split()):
        wait_for_end(pid)


def test_with_a_terminal_ctrl_c_reaches_everybody_and_we_outlive_the_program() -> None:
    """The terminal tells program and grandchild; the program's own exit code comes back"""
    pid, terminal = pty.fork()
    if pid == 0:  # the child; nothing but exec
        line = "trap 'exit 9' INT; sleep 100 & echo pid=$! ready; wait; echo not reached"
        os.execv(sys.executable, [sys.executable, "-c", RUNNER, "/bin/sh", "-c", line])  # noqa: S606
    said = b""
    while b"ready" not in said:
        said += os.read(terminal, 1024)
    os.write(terminal, b"\x03")
    _, status = os.waitpid(pid, 0)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == 9


def test_a_terminals_suspend_stops_both_and_continue_goes_on() -> None:
    """Ctrl-Z stops us with the program, as one job of a shell; SIGCONT to the job wakes it"""
    pid, terminal = pty.fork()
    if pid == 0:
        line = "echo ready; read answer; exit $answer"
        command = [sys.executable, "-c", RUNNER, "/bin/sh", "-c", line]
        os.execv(sys.executable, [sys.executable, "-c", JOB_CONTROL, *command])  # noqa: S606
    said = b""
    while b"ready" not in said:
        said += os.read(terminal, 1024)
    os.write(terminal, b"\x1a")
    while b"stopped" not in said:
        said += os.read(terminal, 1024)
    os.write(terminal, b"6\n")
    _, status = os.waitpid(pid, 0)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == 6


def test_ignored_signals_stay_ignored() -> None:
    """Under nohup the program, and we, live on when the session ends"""
    ignore = "import os, signal, sys; signal.signal(signal.SIGHUP, signal.SIG_IGN);"
    line = "echo ready; sleep 0.3; echo done"
    process = subprocess.Popen(
        [sys.executable, "-c", ignore + RUNNER, "/bin/sh", "-c", line],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGHUP)
    assert process.communicate(timeout=20)[0] == "done\n"
    assert process.returncode == 0


def test_the_program_inherits_what_a_shell_handed_us_and_nothing_of_ours() -> None:
    """A process substitution's descriptor reaches it; a socket that we opened does not"""
    reading, writing = os.pipe()
    os.write(writing, b"handed over\n")
    os.close(writing)
    os.set_inheritable(reading, True)  # noqa: FBT003
    try:
        process = runner(
            "/bin/sh", "-c", f"cat /dev/fd/{reading}; ls /proc/self/fd", pass_fds=(reading,)
        )
        out, _ = process.communicate(timeout=20)
    finally:
        os.close(reading)
    said, *descriptors = out.split("\n")
    assert said == "handed over"
    assert {*filter(None, descriptors)} <= {"0", "1", "2", "3", str(reading)}


def test_the_environment_is_the_one_given() -> None:
    """Nothing of ours is added"""
    code = child.run(["/bin/sh", "-c", '[ "$(env | grep -c HOME)" = 0 ] && [ $A = b ]'], {"A": "b"})
    assert code == 0


def test_a_command_is_found_on_its_path(tmp_path: Path) -> None:
    """By name, and by path; what is no program is told with shells' exit codes"""
    tool = tmp_path / "tool"
    tool.write_text("#!/bin/sh\n")
    with pytest.raises(child.NotExecutableError, match="may not be executed") as refused:
        child.locate(str(tool), "")
    assert refused.value.exit_code == 126
    assert refused.value.next_step == f"If it is a program: chmod u+x {tool}"
    with pytest.raises(child.NotExecutableError, match="is a folder") as refused:
        child.locate(str(tmp_path), "")
    assert "python" not in (refused.value.next_step or "")
    (tmp_path / "app.py").write_text("")
    with pytest.raises(child.NotExecutableError) as refused:
        child.locate(str(tmp_path / "app.py"), "")
    assert refused.value.next_step == f"Name its interpreter: python {tmp_path / 'app.py'}"
    tool.chmod(0o755)
    assert child.locate("tool", str(tmp_path)) == str(tool)
    assert child.locate(str(tool), "") == str(tool)
    for absent in ("absent", str(tmp_path / "absent")):
        with pytest.raises(child.CommandNotFoundError, match="There is no command") as unknown:
            child.locate(absent, str(tmp_path))
        assert unknown.value.exit_code == 127


def test_a_file_that_the_system_does_not_run(tmp_path: Path) -> None:
    """No program and no #! line: the next step is to name its interpreter"""
    tool = tmp_path / "tool"
    tool.write_bytes(b"\0\0")
    tool.chmod(0o755)
    with pytest.raises(child.NotExecutableError, match="cannot be run: Exec format error"):
        child.run([str(tool)], os.environ, terminal=False)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_before_the_program_starts_cleans_up(number: signal.Signals) -> None:
    """It leaves the block as an exception that ends the process with a shell's code"""
    done = []

    def work() -> None:
        try:
            os.kill(os.getpid(), number)
        finally:
            done.append("cleaned")

    with pytest.raises(SystemExit) as left, child.cleaned_up():
        work()
    assert left.value.code == 128 + number
    assert done == ["cleaned"]
    assert signal.getsignal(number) is signal.SIG_DFL


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_waiting_for_a_signal(number: signal.Signals) -> None:
    """One that came while the block prepared itself counts too"""
    with child.until_signalled() as wait:
        # To this thread: what else runs in the tests' process has them not blocked.
        signal.pthread_kill(threading.get_ident(), number)
        wait()
    assert not signal.pthread_sigmask(signal.SIG_BLOCK, []) & {number}


def test_waiting_under_nohup() -> None:
    """What the parent ignores ends nothing: the session may end, and the server lives on."""
    program = (
        "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
        "from gemauth.run import child\n"
        "with child.until_signalled() as wait:\n"
        "    print('ready', flush=True)\n"
        "    print(int(wait()))\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGHUP)
    time.sleep(0.2)
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    assert process.communicate(timeout=20)[0] == f"{int(signal.SIGTERM)}\n"
