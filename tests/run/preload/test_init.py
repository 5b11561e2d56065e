from __future__ import annotations

import ast
import json
from pathlib import Path

from gemauth.google.hosts import EMULATED, is_googles
from gemauth.run import preload


def test_a_run_gets_its_own_copy(tmp_path: Path) -> None:
    """Both folders hold their files and the constants of the run"""
    ca = Path("/run of mine/ca.pem")
    preload.write(tmp_path, ("127.0.0.1", 4711), ca)
    files = {file.relative_to(tmp_path).as_posix() for file in tmp_path.rglob("*.*")}
    assert files == {
        "python/sitecustomize.py",
        "python/gemauth_preload.py",
        "python/gemauth_constants.py",
        "node/preload.cjs",
        "node/constants.json",
    }
    constants = {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in ast.parse((tmp_path / "python" / "gemauth_constants.py").read_text()).body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    assert constants["ADDRESS"] == ("127.0.0.1", 4711)
    assert constants["CA"] == str(ca)
    assert constants["MARKER"].startswith("127.")
    node = json.loads((tmp_path / "node" / "constants.json").read_text())
    assert node["address"] == ["127.0.0.1", 4711]
    assert node["googles"] == list(constants["GOOGLES"])


def test_every_emulated_host_is_in_a_domain_of_the_constants() -> None:
    """What the emulator serves never goes past it"""
    assert all(is_googles(host) for host in EMULATED)
