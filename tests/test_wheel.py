"""The wheel, not the tree: what a person who runs `pip install gemauth` gets.

It is installed where only the client's own dependencies are (`.venv-client`, made by make wheel).
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.wheel

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "gemauth"
CLIENT = ROOT / ".venv-client" / "bin"

EMULATOR_ONLY = ["google.protobuf", "httptools", "jinja2", "python_multipart"]
EMULATOR_ONLY += ["starlette", "uvicorn"]
"""What the extra `emulator` brings, and a client-only installation does not have."""


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command outside the tree, so that only what is installed can be imported."""
    return subprocess.run(
        [str(part) for part in command],
        cwd=Path.home(),
        env=os.environ | {"PYTHONPATH": ""},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this tree without the network."""
    folder = tmp_path_factory.mktemp("wheel")
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    (file,) = folder.glob("*.whl")
    return file


@pytest.fixture(scope="module")
def client(wheel: Path) -> Path:
    """The folder of commands of an environment with the wheel and the client's dependencies."""
    python = CLIENT / "python"
    assert python.exists(), "no .venv-client: run `make wheel`, which makes it"
    pip = ["-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--force-reinstall"]
    installed = run(python, *pip, wheel)
    assert installed.returncode == 0, installed.stderr
    return CLIENT


def test_every_file_of_the_package_is_inside(wheel: Path) -> None:
    """Schema, templates, styles and the typing marker are shipped: whatever stands in src is."""
    inside = set(zipfile.ZipFile(wheel).namelist())
    files = {
        f"gemauth/{file.relative_to(SOURCE).as_posix()}"
        for file in SOURCE.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    assert files - inside == set()
    endings = {Path(name).suffix for name in inside}
    assert {".proto", ".binpb", ".typed"} <= endings
    assert "gemauth/py.typed" in inside


def test_nothing_else_is_inside(wheel: Path) -> None:
    """No .pth (it would run at every start of Python), no tests, no second top-level package."""
    inside = zipfile.ZipFile(wheel).namelist()
    assert not [name for name in inside if name.endswith(".pth")]
    tops = {name.split("/")[0] for name in inside}
    assert len(tops) == 2
    assert {re.sub(r"-.*", "", top) for top in tops} == {"gemauth"}


def test_the_metadata_names_licence_command_and_extras(wheel: Path) -> None:
    """An installer and an auditor find what they look for."""
    archive = zipfile.ZipFile(wheel)
    names = archive.namelist()
    (info,) = {name.split("/")[0] for name in names if ".dist-info/" in name}
    metadata = archive.read(f"{info}/METADATA").decode()
    assert "License-Expression: Apache-2.0\n" in metadata
    assert f"{info}/licenses/LICENSE" in names
    assert "gemauth = gemauth.cli.main:main" in archive.read(f"{info}/entry_points.txt").decode()
    required = re.findall(r"^Requires-Dist: ([\w-]+)[^;\n]*$", metadata, re.MULTILINE)
    assert sorted(required) == ["cryptography", "msgspec", "urllib3"]
    assert "Provides-Extra: emulator\n" in metadata


SDKS = (
    *("aiohttp", "google", "google.auth", "httpx", "httpx2", "langchain_google_genai", "litellm"),
    *("openai", "requests"),
)
"""What an adapter in client/sdk may need, and nothing else of the client's."""


def test_the_client_needs_nothing_of_the_emulators(client: Path) -> None:
    """Every module a client can load imports where the emulator's dependencies are missing."""
    code = f"""
import importlib, pkgutil
absent = []
for name in {EMULATOR_ONLY!r}:
    try:
        importlib.import_module(name)
    except ImportError:
        absent.append(name)
assert absent == {EMULATOR_ONLY!r}, absent
import gemauth
for room in ("oauth", "client", "cli"):
    package = importlib.import_module(f"gemauth.{{room}}")
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        try:
            importlib.import_module(module.name)
        except ModuleNotFoundError as error:
            # An adapter is a class of its SDK's, and gemauth.sdk says what to install.
            if not module.name.startswith("gemauth.client.sdk.") or error.name not in {SDKS!r}:
                raise
print(gemauth.__file__, gemauth.__version__)
"""
    ran = run(client / "python", "-W", "error", "-c", code)
    assert ran.returncode == 0, ran.stderr
    file, version = ran.stdout.split()
    assert Path(file).is_relative_to(ROOT / ".venv-client")
    assert version in (ROOT / "src" / "gemauth" / "version.py").read_text(encoding="utf-8")


def test_the_command_runs(client: Path) -> None:
    """`gemauth --version` and `gemauth --help` work where only the client is installed."""
    version = run(client / "gemauth", "--version")
    assert version.returncode == 0, version.stderr
    assert re.search(r"\d+\.\d+\.\d+", version.stdout)
    told = run(client / "gemauth", "--help")
    assert told.returncode == 0, told.stderr
    assert "login" in told.stdout


def test_the_missing_extra_is_named(client: Path) -> None:
    """Starting the emulator without its extra says what to install, not a traceback."""
    ran = run(client / "gemauth", "emulator", "start", "--in-memory", "--port", "0")
    assert ran.returncode != 0
    assert "gemauth[emulator]" in ran.stderr
    assert "Traceback" not in ran.stderr
