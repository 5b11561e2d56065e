"""How failures look: one clear sentence on stderr, whose fault it is, the next step, an exit code.

With `--format json` the same as one JSON object on stderr. A traceback only with GEMAUTH_DEBUG=1.
Nothing that looks like a secret is in any of them.
"""

from __future__ import annotations

import json
import re
import traceback
from pathlib import PurePath
from typing import TYPE_CHECKING

from gemauth.cli.exit_codes import DEFECT
from gemauth.errors import GemauthError
from gemauth.google.status import StatusError

if TYPE_CHECKING:
    from gemauth.cli.console import Console

__all__ = ["redact", "report"]

# What Google's secrets look like (access and refresh tokens, codes, client secrets, API keys, JWTs,
# private keys), and any value that is assigned to a name of one.
_SECRET = re.compile(
    r"""-----BEGIN[ ][A-Z ]*PRIVATE[ ]KEY-----.*?(?:-----END[ ][A-Z ]*PRIVATE[ ]KEY-----|\Z)
    | \bya29\.[\w.~+/-]+ | \b1//[\w-]+ | \b4/[\w-]{10,} | \bGOCSPX-[\w-]+ | \bAIza[\w-]{10,}
    | \beyJ[\w-]+\.[\w-]+\.[\w-]*
    | (?<=\bcode=)[^\s&'"]+ | (?<=token=)[^\s&'"]+ | (?<=secret=)[^\s&'"]+
    | (?<=verifier=)[^\s&'"]+ | (?<=assertion=)[^\s&'"]+ | (?<=[Bb]earer[ ])[^\s&'"]+
    """,
    re.VERBOSE | re.DOTALL,
)


def redact(text: str) -> str:
    """Return text with everything that looks like a secret replaced by `[secret]`."""
    return _SECRET.sub("[secret]", text)


def report(error: Exception, console: Console) -> int:
    """Tell of an error on stderr and return the exit code."""
    if isinstance(error, GemauthError):
        facts = _facts(error)
        code = error.exit_code
    else:
        facts = _defect(error)
        code = DEFECT
    if console.environ.get("GEMAUTH_DEBUG") == "1":
        facts["traceback"] = "".join(traceback.format_exception(error))
    # A server may repeat a token that it did not like, and a person may mistype one.
    facts = {name: redact(text).strip() for name, text in facts.items()}
    if console.format == "json":
        console.warn(json.dumps({"error": {**facts, "exitCode": code}}, indent=2))
    else:
        console.warn(_text(facts))
    return code


def _facts(error: GemauthError) -> dict[str, str]:
    facts = {
        "type": type(error).__name__,
        "message": error.message,
        "fault": error.fault.value,
        "next": error.next_step,
        "evidence": error.evidence or _status(error),
    }
    return {name: value for name, value in facts.items() if value}


def _status(error: GemauthError) -> str | None:
    """Return what an API's refusal was, beside its text."""
    if not isinstance(error, StatusError):
        return None
    code, reason = error.status.code, error.status.reason
    return f"HTTP {code.http} {code.name}" + (f", {reason}" if reason else "")


def _defect(error: Exception) -> dict[str, str]:
    """Return what may be told of an unexpected exception: its message might hold a secret."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "gemauth" in PurePath(frame.filename).parts]
    where = f" at {PurePath(ours[-1].filename).name}:{ours[-1].lineno}" if ours else ""
    return {
        "type": type(error).__name__,
        "message": f"gemauth failed in a way nobody foresaw: {type(error).__name__}{where}.",
        "fault": "gemauth",
        "next": "Run it again with GEMAUTH_DEBUG=1 and send the authors what it prints.",
    }


def _text(facts: dict[str, str]) -> str:
    lines = [f"error: {facts['message']}"]
    if "evidence" in facts and facts["evidence"] not in facts["message"]:
        lines.append(f"  evidence: {facts['evidence']}")
    lines.append(f"  fault: {facts['fault']}")
    if "next" in facts:
        lines.append(f"  next: {facts['next']}")
    if "traceback" in facts:
        lines.append(facts["traceback"])
    return "\n".join(lines)
