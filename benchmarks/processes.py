"""Whole processes, theirs and ours: CPU as a multiple of `python -c pass` in the same environment.

    python -m benchmarks.processes [ROUNDS]

Each round runs every variant once, in turn, so that noise of the machine meets all of them alike;
the CPU seconds (user and system, of the child alone, by wait4) of a run are divided by those of
`python -c pass` of the same environment in the same round. Printed are medians of those ratios.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.setting import INTEROP, TOKEN, Setting

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ROUNDS = 15
# An installer's script; pip's before 26 imports re first, which alone is half a Python start.
ENTRY_POINT = "import sys\nfrom gemauth.cli.main import main\nsys.exit(main())\n"

GOOGLE_AUTH_REFRESH = """
import google.auth, google.auth.transport.requests
found, _ = google.auth.default()
found.refresh(google.auth.transport.requests.Request())
print(found.token)
"""
GOOGLE_AUTH_SELF_SIGNED = """
import sys
from google.oauth2 import service_account
found = service_account.Credentials.from_service_account_file(sys.argv[1])
found._create_self_signed_jwt("https://generativelanguage.googleapis.com/")
found._jwt_credentials.refresh(None)
print(found._jwt_credentials.token.decode())
"""
AUTHORIZED_SESSION = """
import sys
from google.auth.transport.requests import AuthorizedSession
from google.oauth2.credentials import Credentials
session = AuthorizedSession(Credentials(sys.argv[1]))
answer = session.get("https://generativelanguage.googleapis.com/v1beta/models")
assert len(answer.json()["models"]) == 50
"""
GENERATIVEAI = """
import sys
import google.generativeai as genai
from google.oauth2.credentials import Credentials
genai.configure(credentials=Credentials(sys.argv[1]), transport="rest")
assert len(list(genai.list_models())) == 50
"""
GENAI = """
from google import genai
client = genai.Client(api_key="AIza-benchmark", http_options={"api_version": "v1beta"})
assert len(list(client.models.list())) == 50
"""


@dataclass(frozen=True)
class Variant:
    """A command to measure.

    Attributes:
        name: for people.
        command: its words.
        base: the Python whose start it is compared with.
        target: the highest ratio that we want, of our own commands.
        before: makes the state that it starts from.
        bundled: whether the machine's certificates are one bundle and no folder.
    """

    name: str
    command: list[str]
    base: str = sys.executable
    target: float | None = None
    before: Callable[[], None] | None = None
    bundled: bool = False


def variants(setting: Setting, entry_point: Path) -> list[Variant]:
    """Return what is there to compare on this machine."""
    python, script = sys.executable, str(entry_point)
    user, key = str(setting.user), str(setting.key)
    show, signed = [python, script, "print-access-token"], ["--self-signed", "--credentials", key]
    models = [python, script, "models", "list", "--format", "json"]
    token = setting.home / "token"
    token.write_text(TOKEN)
    ours = [
        Variant("import gemauth", [python, "-c", "import gemauth"], target=1.3),
        Variant("cached token", show, target=1.15, before=setting.store_token),
        Variant("refresh and print, HTTPS", show, target=5.0, before=setting.forget_tokens),
        Variant(
            "refresh and print, HTTPS, one CA bundle",
            show,
            before=setting.forget_tokens,
            bundled=True,
        ),
        Variant(
            "self-signed JWT, key seen before",
            [*show, *signed],
            target=4.5,
            before=setting.forget_tokens,
        ),
        Variant("self-signed JWT, cached", [*show, *signed]),
        Variant("list 50 models, HTTPS", models, target=8.0, before=setting.store_token),
        Variant("gemauth --help", [python, script, "--help"]),
    ]
    theirs = []
    if INTEROP.exists():
        judge = str(INTEROP)
        codes = {
            "refresh and print, HTTPS: google-auth": [GOOGLE_AUTH_REFRESH],
            "self-signed JWT: google-auth": [GOOGLE_AUTH_SELF_SIGNED, key],
            "list 50 models, HTTPS: AuthorizedSession": [AUTHORIZED_SESSION, TOKEN],
            "list 50 models, HTTPS: google-generativeai": [GENERATIVEAI, TOKEN],
            "list 50 models, HTTPS: google-genai": [GENAI],
            "import google.auth": ["import google.auth"],
            "import google.genai": ["import google.genai"],
        }
        theirs += [
            Variant(name, [judge, "-c", *code], judge, bundled=True) for name, code in codes.items()
        ]
    if gcloud := shutil.which("gcloud"):
        command = [gcloud, "auth", "application-default", "print-access-token", "--quiet"]
        theirs.append(Variant("refresh and print, HTTPS: gcloud", command))
    if oauth2l := os.environ.get("OAUTH2L") or shutil.which("oauth2l"):  # where it was built to
        scope = ["--scope", "cloud-platform", "--cache", ""]
        command = [oauth2l, "fetch", "--credentials", user, *scope]
        theirs.append(Variant("refresh and print, HTTPS: oauth2l (Go)", command))
    return ours + theirs


def cpu_seconds(command: list[str], environ: Mapping[str, str]) -> float:
    """Run a command and return the CPU seconds that it and its children took."""
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(  # noqa: S603  # our own list
            command, stdout=subprocess.DEVNULL, stderr=errors, env=dict(environ)
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            errors.seek(0)
            said = errors.read().decode("utf-8", "replace")
            raise SystemExit(f"{command} ended with {process.returncode}: {said[-2000:]}")
    return used.ru_utime + used.ru_stime


def measure(rounds: int, setting: Setting, chosen: list[Variant]) -> dict[str, list[float]]:
    """Return each variant's ratios to a bare start, one for each round."""
    ratios: dict[str, list[float]] = {variant.name: [] for variant in chosen}
    for number in range(-1, rounds):
        bases = {
            python: cpu_seconds([python, "-c", "pass"], setting.environ)
            for python in {variant.base for variant in chosen}
        }
        for variant in chosen:
            if variant.before is not None:
                variant.before()
            environ = setting.bundled if variant.bundled else setting.environ
            spent = cpu_seconds(variant.command, environ)
            if number >= 0:  # the first warms the disk's cache and __pycache__
                ratios[variant.name].append(spent / bases[variant.base])
    return ratios


def main(rounds: int = ROUNDS, *, ours_only: bool = False) -> list[str]:
    """Measure, print, and return the names of the targets that were missed."""
    missed = []
    print(f"CPU of whole processes, x python -c pass; medians of {rounds} rounds (quartiles)")  # noqa: T201
    with tempfile.TemporaryDirectory() as home, Setting(Path(home)) as setting:
        script = Path(home, "entry_point.py")
        script.write_text(ENTRY_POINT)
        chosen = variants(setting, script)
        if ours_only:
            chosen = [
                variant
                for variant in chosen
                if ": " not in variant.name and variant.base == sys.executable
            ]
        ratios = measure(rounds, setting, chosen)
    for variant in chosen:
        values = ratios[variant.name]
        median = statistics.median(values)
        low, _, high = statistics.quantiles(values, n=4) if len(values) > 1 else (median,) * 3
        against = ""
        if variant.target is not None:
            held = median <= variant.target
            against = f"  target {variant.target:g}{'' if held else ': MISSED'}"
            missed += [] if held else [variant.name]
        print(f"{median:7.2f}  ({low:5.2f} to {high:5.2f})  {variant.name}{against}")  # noqa: T201
    return missed


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS, ours_only="--ours" in sys.argv)
