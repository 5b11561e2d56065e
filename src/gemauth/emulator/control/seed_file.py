"""A seed in a file: JSON, or TOML for people who want comments.

Read at the start of an emulator (`gemauth emulator start --seed FILE`).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from gemauth.emulator.control.document import Members
from gemauth.emulator.control.seed import Seed, apply
from gemauth.errors import DataError, UsageError
from gemauth.google.invalid import InvalidRequestError
from gemauth.google.payload import parse_json
from gemauth.google.status import StatusError

if TYPE_CHECKING:
    from pathlib import Path

    from gemauth.emulator.context import Context
    from gemauth.emulator.control.endpoint import Answer

__all__ = ["load", "parse"]


def load(context: Context, path: Path, base: str) -> Answer:
    """Apply a seed file to an emulator whose address is `base`; see `seed.apply`.

    Raises:
        UsageError: there is no such file.
        DataError: it is no JSON or TOML, or declares something impossible; nothing was changed.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise UsageError(f"The seed file {path} cannot be read: {error.strerror}.") from error
    document = parse(raw, str(path))
    try:
        seed = Seed.read(Members(document))
        with context.store.write() as tx:
            return apply(tx, context.clock.now(), context.entropy, base, seed)
    except StatusError as error:
        raise DataError(
            f"The seed file {path} was not applied: {error.status.message}",
            next_step="Correct the file; nothing of it was kept.",
        ) from error


def parse(raw: bytes, name: str) -> Any:  # noqa: ANN401  # any JSON value
    """Return a file's document; a name ending in .toml is TOML, everything else JSON.

    Raises:
        DataError: it is neither.
    """
    try:
        if name.endswith(".toml"):
            import tomllib

            # By way of JSON: a date becomes the text that the API has for it, NaN is refused.
            document = tomllib.loads(raw.decode("utf-8"))
            return parse_json(json.dumps(document, default=lambda moment: moment.isoformat()))
        return parse_json(raw)
    except (ValueError, RecursionError, InvalidRequestError) as error:
        raise DataError(
            f"The seed file {name} is no {'TOML' if name.endswith('.toml') else 'JSON'}: {error}.",
            next_step="See docs/control-api.md for what a seed file holds.",
        ) from error
