"""The real command in a process of its own: it starts, is signalled, and ends.

Where only the program inside matters, the command runs in this process: its start is half the time.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from gemauth.testing.emulator import EmulatorServer
from tests.cli.terminal import Terminal

pytestmark = pytest.mark.processes

MODELS = "https://generativelanguage.googleapis.com/v1beta/models"
# Prints what the program finds, for the test to look at.
TELL = "import json, os; print(json.dumps(dict(os.environ)))"
ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)")


def start(*words: str, **variables: str) -> subprocess.Popen[str]:
    """Start `gemauth emulator run WORDS…` in a session without a terminal."""
    return subprocess.Popen(
        [sys.executable, "-m", "gemauth", "emulator", "run", *words],
        env=os.environ | variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def run(*words: str, code: int = 0, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run it to its end; nothing of it is left then."""
    process = start(*words, **variables)
    out, err = process.communicate(timeout=50)
    assert process.returncode == code, err
    assert_nothing_left(err)
    return subprocess.CompletedProcess(words, process.returncode, out, err)


def inside(*words: str, **variables: str) -> str:
    """What a program prints inside a run, which this process starts."""
    terminal = Terminal(environ=os.environ | variables)
    with tempfile.TemporaryFile() as printed:
        ours = os.dup(1)
        os.dup2(printed.fileno(), 1)
        try:
            ended = terminal.run("emulator", "run", "-q", *words)
        finally:
            os.dup2(ours, 1)
            os.close(ours)
        assert ended == 0, terminal.err
        assert_nothing_left(terminal.err)
        printed.seek(0)
        return printed.read().decode()


def python(code: str, *words: str, **variables: str) -> str:
    """What a Python program prints inside a run."""
    return inside(*words, "--", sys.executable, "-c", code, **variables)


def environment(*words: str, **variables: str) -> dict[str, str]:
    """The environment of a program inside a run."""
    found: dict[str, str] = json.loads(python(TELL, *words, **variables))
    return found


def assert_nothing_left(err: str) -> None:
    """See that neither listener nor folder of a run is there any more."""
    for port in ADDRESS.findall(err):
        with socket.socket() as client:
            assert client.connect_ex(("127.0.0.1", int(port))) != 0
    assert not list(Path(tempfile.gettempdir()).glob("gemauth-run-*"))


@pytest.fixture(autouse=True)
def _folders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Run folders are made where this test alone looks."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))


@pytest.mark.parametrize("code", [0, 3])
def test_the_exit_code_is_the_programs(code: int) -> None:
    """And its output, which is not ours"""
    ran = run("--", "/bin/sh", "-c", f"echo out; echo err >&2; exit {code}", code=code)
    assert ran.stdout == "out\n"
    assert "err\n" in ran.stderr
    assert "not Google: project gemauth-run, developer@example.com, signed in" in ran.stderr


def test_quiet_says_nothing() -> None:
    """What is on stderr is the program's"""
    assert run("-q", "--", "/bin/sh", "-c", "echo err >&2").stderr == "err\n"


def test_words_behind_the_command_are_its_own() -> None:
    """Also -- and options that gemauth has; the first -- may be left out"""
    program = [sys.executable, "-c", "import sys; print(sys.argv[1:])", "--", "-q", "--help"]
    for words in (["--", *program], program):
        assert inside(*words) == "['--', '-q', '--help']\n"


@pytest.mark.parametrize(
    ("number", "ended"),
    [(signal.SIGINT, "INT"), (signal.SIGTERM, "TERM"), (signal.SIGHUP, "HUP")],
)
def test_a_signal_ends_program_and_emulator(number: signal.Signals, ended: str) -> None:
    """It is handed on, its answer is the exit code, and nothing is left"""
    line = f"trap 'echo {ended}; exit 7' {ended}; echo $$; while :; do sleep 0.02; done"
    process = start("--", "/bin/sh", "-c", line)
    assert process.stdout is not None
    pid = int(process.stdout.readline())
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (7, f"{ended}\n")
    assert not Path(f"/proc/{pid}").exists()
    assert_nothing_left(err)


def test_a_killed_program() -> None:
    """SIGKILL of the program is 137, and the emulator ends with it"""
    run("--", "/bin/sh", "-c", "kill -9 $$", code=137)


def test_a_command_that_is_not_there_or_no_program(tmp_path: Path) -> None:
    """127 and 126, before an emulator is started"""
    text = tmp_path / "text"
    text.write_text("x")
    assert "There is no command absent" in run("--", "absent", code=127).stderr
    assert "may not be executed" in run("--", str(text), code=126).stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "no command to run"),
        (["--"], "no command to run"),
        (["--print-environment", "--", "true"], "runs no command"),
        (["--isolate", "--tunnel-other-hosts", "--", "true"], "lets nothing out"),
        (["--attach", "metadata", "--", "true"], "--as-service-account"),
        (["--as", "a@example.com", "--no-credentials", "--", "true"], "not allowed with"),
        (["--scopes", "nonsense", "--", "true"], "no scope"),
        (["--emulator", "http://127.0.0.1:1", "--data", "x", "--", "true"], "of the run's own"),
        (["--emulator", "http://192.0.2.1:1", "--", "true"], "not an emulator's address"),
        (["--seed", "absent.json", "--", "true"], "cannot be read"),
    ],
)
def test_what_cannot_work(words: list[str], message: str) -> None:
    """A usage error names it, and no program is started"""
    terminal = Terminal(environ={"PATH": os.environ["PATH"]})
    assert terminal.run("emulator", "run", *words) == 2
    assert message in terminal.err


@pytest.mark.parametrize("theirs", [False, True])
def test_gcloud_as_the_command_is_the_runs_own(theirs: bool, tmp_path: Path) -> None:  # noqa: FBT001
    """As it is for every program inside, whether or not a gcloud is installed"""
    if theirs:
        installed = tmp_path / "gcloud"
        installed.write_text("#!/bin/sh\necho the installed one\n", encoding="ascii")
        installed.chmod(0o700)
    words = ["--", "gcloud", "auth", "application-default", "print-access-token"]
    assert inside(*words, PATH=f"{tmp_path}:/usr/bin:/bin").startswith("ya29.emu-")


def test_a_program_that_may_only_be_executed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It runs, as sudo does where its mode is 4111: what stands in it is not needed"""
    program = tmp_path / "program"
    shutil.copy(shutil.which("true") or "", program)
    program.chmod(0o111)
    opened = Path.open

    def refused(path: Path, *arguments: Any, **options: Any) -> Any:
        if path == program:  # root may read everything
            raise PermissionError(13, "Permission denied")
        return opened(path, *arguments, **options)

    monkeypatch.setattr(Path, "open", refused)
    terminal = Terminal(environ={"PATH": os.environ["PATH"]})
    assert terminal.run("emulator", "run", "-q", "--", str(program)) == 0, terminal.err


def test_without_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next step is the extra"""
    anew = ("gemauth.run.served", "gemauth.emulator.server.serve", "gemauth.emulator.front")
    for name in [name for name in sys.modules if name.startswith(anew)]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "uvicorn.config", None)
    terminal = Terminal(environ={"PATH": os.environ["PATH"]})
    assert terminal.run("emulator", "run", "--", "true") == 2
    assert "pip install 'gemauth[emulator]'" in terminal.err


def test_what_the_program_finds() -> None:
    """Credentials, client file, browser, gcloud: in a folder of its own, readable by its owner"""
    code = """
import json, os, shutil, stat
run = os.environ["GEMAUTH_RUN"]
adc = json.load(open(os.environ["GOOGLE_APPLICATION_CREDENTIALS"]))
client = json.load(open(os.path.join(run, "client_secret.json")))["installed"]
print(json.dumps({
    "type": adc["type"],
    "same": adc["client_id"] == client["client_id"],
    "token_uri": client["token_uri"],
    "gcloud": shutil.which("gcloud") == os.path.join(run, "bin", "gcloud"),
    "browser": os.access(os.environ["BROWSER"], os.X_OK),
    "mode": oct(stat.S_IMODE(os.stat(run).st_mode)),
}))
"""
    assert json.loads(python(code)) == {
        "type": "authorized_user",
        "same": True,
        "token_uri": "https://oauth2.googleapis.com/token",
        "gcloud": True,
        "browser": True,
        "mode": "0o700",
    }


def test_the_environment_is_that_of_its_options() -> None:
    """Project, who consents, kept keys and the system's gcloud reach the program"""
    words = ("--project", "my-project", "--auto-consent", "ada@example.com", "--no-credentials")
    found = environment(*words, "--keep-api-keys", "--gcloud", "system", GOOGLE_API_KEY="mine")
    assert found["GOOGLE_CLOUD_PROJECT"] == "my-project"
    assert found["GEMAUTH_AUTO_CONSENT"] == "ada@example.com"
    assert found["GOOGLE_API_KEY"] == "mine"
    assert "GOOGLE_APPLICATION_CREDENTIALS" not in found
    assert "GOOGLE_API_KEY" not in environment(GOOGLE_API_KEY="mine")


def test_a_program_calls_google_and_is_answered_by_the_emulator() -> None:
    """With a token that it gets for its credentials, over TLS, by the real addresses"""
    code = f"""
import json, os, urllib.parse, urllib.request
adc = json.load(open(os.environ["GOOGLE_APPLICATION_CREDENTIALS"]))
form = {{"grant_type": "refresh_token", "refresh_token": adc["refresh_token"],
        "client_id": adc["client_id"], "client_secret": adc["client_secret"]}}
data = urllib.parse.urlencode(form).encode()
with urllib.request.urlopen("https://oauth2.googleapis.com/token", data) as answer:
    token = json.load(answer)["access_token"]
headers = {{"Authorization": "Bearer " + token}}
with urllib.request.urlopen(urllib.request.Request({MODELS!r}, headers=headers)) as answer:
    print(len(json.load(answer)["models"]) > 0)
"""
    assert python(code) == "True\n"


def test_a_program_that_ignores_proxies_and_certificates_is_led_there_too() -> None:
    """http.client knows no proxy, and this context trusts no file of the environment's"""
    code = """
import http.client, ssl
context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
connection = http.client.HTTPSConnection("generativelanguage.googleapis.com", context=context)
connection.request("GET", "/v1beta/models")
print(connection.getresponse().status)
"""
    assert python(code) == "403\n"


def test_hosts_that_are_not_emulated_are_refused_readably() -> None:
    """Of Google's and of others: the program sees a refusal and nothing is looked up"""
    code = """
import urllib.request
for host in ("us-central1-aiplatform.googleapis.com", "example.com"):
    try:
        urllib.request.urlopen(f"https://{host}/")
    except OSError as error:
        print(error)
"""
    lines = python(code).splitlines()
    assert len(lines) == 2
    assert all("Tunnel connection failed" in line or "HTTP Error" in line for line in lines)


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl")
def test_curl_with_our_own_token() -> None:
    """The README's line, to Google's address, inside a run"""
    ask = f'gemauth print-access-token | xargs -I T curl -sS -H "Authorization: Bearer T" {MODELS}'
    assert "models/gemini" in inside("--", "/bin/sh", "-c", ask)


@pytest.mark.skipif(shutil.which("node") is None, reason="no Node")
def test_node_is_led_there() -> None:
    """Fetch of a Node that knows no proxy variable"""
    code = f"fetch({MODELS!r}).then(async (r) => console.log((await r.json()).error.status))"
    assert inside("--", "node", "-e", code) == "PERMISSION_DENIED\n"


JAVA = f"""
import java.net.*;
public class Ask {{
  public static void main(String[] words) throws Exception {{
    var connection = (HttpURLConnection) new URL("{MODELS}").openConnection();
    System.out.println(connection.getResponseCode());
  }}
}}
"""


@pytest.mark.skipif(shutil.which("javac") is None, reason="no Java compiler")
def test_java_is_led_there(tmp_path: Path) -> None:
    """Its own proxy properties and trust store come by JAVA_TOOL_OPTIONS"""
    (tmp_path / "Ask.java").write_text(JAVA)
    ran = run("-q", "--", "java", str(tmp_path / "Ask.java"))
    assert ran.stdout == "403\n"
    assert "Picked up JAVA_TOOL_OPTIONS" in ran.stderr


def test_a_python_without_the_preload_is_warned_of() -> None:
    """It runs all the same"""
    ran = run("--", sys.executable, "-I", "-c", "print(1)")
    assert ran.stdout == "1\n"
    assert "warning: " in ran.stderr
    assert " -I does not load gemauth's preload" in ran.stderr


def test_a_service_account_with_its_key() -> None:
    """Its file is the program's credentials"""
    code = """
import json, os
print(json.load(open(os.environ["GOOGLE_APPLICATION_CREDENTIALS"]))["client_email"])
"""
    said = python(code, "--as-service-account", "my-robot")
    assert said == "my-robot@gemauth-run.iam.gserviceaccount.com\n"


def test_a_service_account_of_the_machine() -> None:
    """The metadata server gives a token with the scopes of --scopes, by both of its addresses"""
    code = """
import json, os, urllib.request
for host in (os.environ["GCE_METADATA_HOST"], "metadata.google.internal", "169.254.169.254"):
    url = f"http://{host}/computeMetadata/v1/instance/service-accounts/default/scopes"
    request = urllib.request.Request(url, headers={"Metadata-Flavor": "Google"})
    print(urllib.request.urlopen(request).read().decode().split())
"""
    words = ("--as-service-account", "my-robot", "--attach", "metadata", "--scopes", "tuning")
    scope = "https://www.googleapis.com/auth/generative-language.tuning"
    assert python(code, *words) == f"['{scope}']\n" * 3


def test_a_seed_and_kept_data(tmp_path: Path) -> None:
    """A seed's world is the program's; --data has it again the next time"""
    seed = tmp_path / "seed.json"
    document: dict[str, Any] = {
        "accounts": [{"email": "ada@example.com"}],
        "projects": [
            {
                "projectId": "seeded-project",
                "owner": "ada@example.com",
                "consentScreen": {"appName": "Demo", "supportEmail": "ada@example.com"},
                "testUsers": ["ada@example.com"],
            }
        ],
    }
    seed.write_text(json.dumps(document))
    data = ("--data", str(tmp_path / "data"))
    first = environment("--seed", str(seed), *data)
    assert first["GOOGLE_CLOUD_PROJECT"] == "seeded-project"
    assert environment(*data)["GOOGLE_CLOUD_PROJECT"] == "seeded-project"
    assert environment()["GOOGLE_CLOUD_PROJECT"] == "gemauth-run"


@pytest.mark.parametrize("by_variable", [True, False])
def test_joining_an_emulator_that_runs(by_variable: bool) -> None:  # noqa: FBT001
    """The program is led to it, and it goes on when the program has ended"""
    with EmulatorServer() as emulator:
        emulator.control.create_account("ada@example.com")
        emulator.control.create_project("joined-project", owner="ada@example.com")
        emulator.control.set_consent_screen(
            "joined-project", app_name="Demo", support_email="ada@example.com"
        )
        variables = {"GEMAUTH_EMULATOR": emulator.address} if by_variable else {}
        words = [] if by_variable else ["--emulator", emulator.address]
        found = environment(*words, **variables)
        assert found["GEMAUTH_EMULATOR"] == emulator.address
        assert found["GOOGLE_CLOUD_PROJECT"] == "joined-project"
        assert emulator.control.status()["address"] == emulator.address
        (client,) = emulator.control.clients("joined-project")
        assert client["state"] == "deleted"


def test_a_run_inside_a_run() -> None:
    """Joins the outer one"""
    inner = [sys.executable, "-m", "gemauth", "emulator", "run", "-q", "--"]
    show = "import os; print(os.environ['GEMAUTH_EMULATOR'], os.environ['GEMAUTH_RUN'])"
    line = f'echo $GEMAUTH_EMULATOR $GEMAUTH_RUN; "$@" "{show}"'
    command = ["/bin/sh", "-c", line, "sh", *inner, sys.executable, "-c"]
    outer, within = (line.split() for line in run("-q", "--", *command).stdout.splitlines())
    assert outer[0] == within[0]
    assert outer[1] != within[1]


def test_the_environment_for_others() -> None:
    """Lines for a shell, valid until the command is ended"""
    process = start("--print-environment", GOOGLE_API_KEY="mine", OLD="it's kept")
    assert process.stdout is not None
    lines: list[str] = []
    while not lines or not lines[-1].startswith("unset "):
        lines.append(process.stdout.readline())
    script = "".join(lines) + 'test -z "$GOOGLE_API_KEY" && echo "$OLD" && "$0" -c "$1"'
    code = f"import urllib.request as u; print(u.urlopen('{MODELS}?key=x').status)"
    fails = (
        f"import urllib.error\ntry:\n  {code}\nexcept urllib.error.HTTPError as e: print(e.code)"
    )
    shell = subprocess.run(
        ["/bin/sh", "-c", script, sys.executable, fails],
        env=os.environ | {"GOOGLE_API_KEY": "mine", "OLD": "it's kept"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert shell.stdout == "it's kept\n400\n", shell.stderr
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 0
    assert_nothing_left(err)


def test_the_environment_for_programs() -> None:
    """As JSON: what to set and what to unset"""
    process = start("--print-environment", "--format", "json", GOOGLE_API_KEY="mine")
    assert process.stdout is not None
    text = ""
    while not text.endswith("\n}\n"):
        text += process.stdout.readline()
    value = json.loads(text)
    assert value["set"]["HTTPS_PROXY"] == value["set"]["GEMAUTH_EMULATOR"]
    assert "GOOGLE_API_KEY" in value["unset"]
    process.terminate()
    process.communicate(timeout=30)
    assert process.returncode == 0
