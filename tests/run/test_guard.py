from __future__ import annotations

import subprocess
from pathlib import Path

from gemauth.run.guard import exports, guard

ADDRESS = "http://127.0.0.1:8085"


def test_guard() -> None:
    """The emulator is the proxy in every spelling, itself reached directly, the file absolute."""
    variables = guard(ADDRESS, Path("adc.json"), "my-project")
    for name in ("HTTPS_PROXY", "https_proxy", "grpc_proxy"):
        assert variables[name] == ADDRESS
    for name in ("NO_PROXY", "no_proxy", "no_grpc_proxy"):
        assert variables[name].split(",") == ["localhost", "127.0.0.1", "::1"]
    assert variables["GOOGLE_APPLICATION_CREDENTIALS"] == str(Path.cwd() / "adc.json")
    assert variables["GOOGLE_CLOUD_PROJECT"] == "my-project"
    assert "GOOGLE_CLOUD_QUOTA_PROJECT" not in variables


def test_quota_project() -> None:
    """A key file names no quota project, so a variable does."""
    variables = guard(ADDRESS, Path("key.json"), "my-project", "payer")
    assert variables["GOOGLE_CLOUD_QUOTA_PROJECT"] == "payer"


def test_exports(tmp_path: Path) -> None:
    """A shell reads back what was meant, whatever the path holds."""
    path = tmp_path / 'it\'s $HOME; a "file".json'
    text = exports(guard(ADDRESS, path, "my-project"))
    script = f'{text}\nprintf %s "$GOOGLE_APPLICATION_CREDENTIALS"'
    done = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == str(path)
