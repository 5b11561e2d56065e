"""Compile the API's contract: .proto files to schema.binpb, methods.py and docs/coverage.md.

`make proto` runs it; tests/google/gemini/test_contract.py calls `generate` and compares.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from gemauth.google.gemini.contract import read_methods, render_coverage, render_methods

ROOT = Path(__file__).resolve().parent.parent
GEMINI = ROOT / "src" / "gemauth" / "google" / "gemini"


def compile_protos(folder: Path) -> bytes:
    """Return the FileDescriptorSet of all .proto files under a folder, options included.

    Raises:
        SystemExit: protoc refused them; it has said why on stderr.
    """
    from grpc_tools import protoc  # type: ignore[import-untyped]

    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.proto"))
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch, "schema.binpb")
        # protobuf's own files, as grpcio-tools ships them: options.proto extends descriptor.proto
        bundled = Path(protoc.__file__).parent / "_proto"
        arguments = [f"-I{folder}", f"-I{bundled}", f"--descriptor_set_out={out}", *names]
        status = protoc.main(["protoc", *arguments])
        if status != 0:
            raise SystemExit(status)
        return out.read_bytes()


def formatted(source: str) -> bytes:
    """Return Python source in ruff's format."""
    return subprocess.run(  # noqa: S603  # our own tool on our own text
        [
            sys.executable,
            "-m",
            "ruff",
            "format",
            "--stdin-filename",
            str(GEMINI / "methods.py"),
            "-",
        ],
        input=source.encode(),
        capture_output=True,
        check=True,
    ).stdout


def generate() -> dict[Path, bytes]:
    """Return each generated file's path and content."""
    compiled = compile_protos(GEMINI / "proto")
    methods = read_methods(compiled)
    return {
        GEMINI / "schema.binpb": compiled,
        GEMINI / "methods.py": formatted(render_methods(methods)),
        ROOT / "docs" / "coverage.md": render_coverage(methods).encode(),
    }


if __name__ == "__main__":
    for path, content in generate().items():
        path.write_bytes(content)
