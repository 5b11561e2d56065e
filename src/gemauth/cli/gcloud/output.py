"""`--format`: the three forms of gcloud's output that programs read.

`json`, `value(KEY,…)` and `get(KEY)` with dots into members, `none`; `gcloud topic formats` has the
others, which are refused by name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gemauth.cli.gcloud.errors import invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gemauth.cli.gcloud.call import Call

__all__ = ["write", "write_all"]

_VALUE = re.compile(r"(?:value|get)\((?P<keys>[^()]+)\)")


def write(call: Call, thing: Mapping[str, Any], default: Callable[[], str | None]) -> None:
    """Write one thing to stdout.

    Args:
        call: whose `--format` says how.
        thing: its members.
        default: returns what stands there without `--format`; None writes nothing.

    Raises:
        GcloudError: the format is none of these.
    """
    _write(call, default, dict(thing), [thing])


def write_all(
    call: Call, things: Sequence[Mapping[str, Any]], default: Callable[[], str | None]
) -> None:
    """Write a list of things to stdout; as `write`."""
    _write(call, default, [dict(thing) for thing in things], things)


def _write(
    call: Call,
    default: Callable[[], str | None],
    whole: dict[str, Any] | list[dict[str, Any]],
    things: Sequence[Mapping[str, Any]],
) -> None:
    wanted = _format(call)
    if wanted is None:
        text = default()
        if text is not None:
            call.console.print(text)
    elif wanted == "json":
        call.console.json(whole)
    else:
        _values(call, wanted, things)


def _format(call: Call) -> str | list[str] | None:
    """Return `json`, the keys of `value(…)` (none of them: write nothing), or None."""
    text = (call.text("format") or "").strip()
    if text in {"", "default"}:
        return None
    if text == "json":
        return "json"
    if text in {"none", "disable"}:
        return []
    match = _VALUE.fullmatch(text)
    if match is None:
        raise invalid(
            "--format", f"{text!r}; this gcloud knows json, value(KEY,…), get(KEY), none."
        )
    return [key.strip() for key in match["keys"].split(",")]


def _values(call: Call, keys: str | list[str], things: Sequence[Mapping[str, Any]]) -> None:
    if not keys:
        return
    for thing in things:
        call.console.print("\t".join(_text(_member(thing, key)) for key in keys))


def _member(thing: Any, key: str) -> Any:  # noqa: ANN401  # any JSON value
    for name in key.split("."):
        thing = thing.get(name) if hasattr(thing, "get") else None
    return thing


def _text(value: Any) -> str:  # noqa: ANN401  # any JSON value
    if isinstance(value, bool):
        return str(value)
    return "" if value is None else str(value)
