"""A list of grantees as CSV: `email,role,type`, read and checked as a whole.

The columns are in this order, or in that of a header line; role and type may be missing. Commas, or
semicolons or tabs where the first line has no comma (many languages' spreadsheets write those).
Empty lines, and lines that begin with `#`, are passed over.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gemauth.errors import DataError, Fault
from gemauth.google.gemini.resources.permissions import GranteeType, Permission, PermissionRole

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Grantee", "GranteeListError", "is_address", "read_grantees"]

_HEADERS = {
    "email": "email",
    "e-mail": "email",
    "emailaddress": "email",
    "grantee": "email",
    "role": "role",
    "type": "type",
    "granteetype": "type",
}
_ORDER = ("email", "role", "type")
_PLAIN = r"[^@\s\x00-\x1f\x7f-\x9f]+"  # what a terminal can show
_EMAIL = re.compile(rf"{_PLAIN}@{_PLAIN}\.(?!.*\.){_PLAIN}")
_ROLES = {"reader": PermissionRole.READER, "writer": PermissionRole.WRITER}
_TYPES = {
    "user": GranteeType.USER,
    "group": GranteeType.GROUP,
    "everyone": GranteeType.EVERYONE,
}
_TOLD = 20  # mistakes in one message


class GranteeListError(DataError):
    """The list cannot be used as it is; every mistake is named with its line."""


@dataclass(frozen=True, slots=True)
class Grantee:
    """One row: the line that it stands on, and the permission that it asks for."""

    line: int
    permission: Permission

    @property
    def key(self) -> tuple[str, str]:
        """Who it is for, whatever the case of the address."""
        return key(self.permission)

    @property
    def who(self) -> str:
        """Who it is for, as people read it."""
        return self.permission.email_address or "everyone"


def is_address(text: str) -> bool:
    """Whether a text has the form of an e-mail address."""
    return _EMAIL.fullmatch(text) is not None


def key(permission: Permission) -> tuple[str, str]:
    """Return what two permissions for the same grantee have in common."""
    kind = permission.grantee_type or GranteeType.USER
    return kind.name, (permission.email_address or "").lower()


def read_grantees(
    content: bytes, source: str, role: str = "reader"
) -> tuple[tuple[Grantee, ...], tuple[int, ...]]:
    """Return the rows of a list, and the lines that only repeat another one.

    Args:
        content: the file, UTF-8 with or without a byte-order mark.
        source: its name, for the error.
        role: of rows without one: `reader` or `writer`.

    Raises:
        GranteeListError: a line is wrong, two give one grantee different roles, or there is no row.
    """
    mistakes: list[str] = []
    found: dict[tuple[str, str], Grantee] = {}
    repeated: list[int] = []
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise _wrong(source, [f"line {line}: this is not UTF-8."]) from None
    for line, cells in _lines(text, mistakes):
        try:
            row = Grantee(line, _permission(cells, role))
        except ValueError as error:
            mistakes.append(f"line {line}: {error}")
            continue
        first = found.setdefault(row.key, row)
        if first is not row:
            if first.permission.role is row.permission.role:
                repeated.append(line)
            else:
                mistakes.append(
                    f"line {line}: {row.who} has another role than on line {first.line}."
                )
    if mistakes:
        raise _wrong(source, mistakes)
    if not found:
        raise GranteeListError(
            f"There is nobody in {source}.",
            fault=Fault.CALLER,
            next_step="Write one address per line: email,role",
        )
    return tuple(found.values()), tuple(repeated)


def _lines(text: str, mistakes: list[str]) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Yield each row's line and its cells by their columns' names."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = next((mark for mark in ",;\t" if mark in first), ",")
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    order: tuple[str, ...] | None = None
    line = 1
    try:
        for cells in rows:
            begins, line = line, rows.line_num + 1
            words = [cell.strip() for cell in cells]
            if not any(words) or words[0].startswith("#"):
                continue
            if order is None:
                order = _header(words)
                if order is not None:
                    continue
                order = _ORDER
            if len(words) > len(order):
                mistakes.append(f"line {begins}: {len(words)} cells where {len(order)} have names.")
                continue
            yield begins, dict(zip(order, words, strict=False))
    except csv.Error as error:
        mistakes.append(f"line {line}: no CSV: {error}.")


def _header(words: list[str]) -> tuple[str, ...] | None:
    """Return the columns that a header line names; None where the line is a row."""
    names = [_HEADERS.get(re.sub(r"[ _]", "", word.lower()), "") for word in words]
    return tuple(names) if all(names) and "email" in names else None


def _permission(cells: Mapping[str, str], role: str) -> Permission:
    """Return the permission that a row asks for.

    Raises:
        ValueError: one of its cells is wrong; the text says which.
    """
    email = cells.get("email", "")
    role = (cells.get("role") or role).lower()
    named = cells.get("type", "").lower()
    if role not in _ROLES:
        raise ValueError(f"{role!r} is no role: reader or writer.")
    if named and named not in _TYPES:
        raise ValueError(f"{named!r} is no type: user, group or everyone.")
    kind = _TYPES[named] if named else _inferred(email)
    if kind is GranteeType.EVERYONE:
        if email:
            raise ValueError("everyone has no address.")
        return Permission(grantee_type=kind, role=_ROLES[role])
    if not is_address(email):
        raise ValueError(f"{email!r} is no e-mail address.")
    return Permission(grantee_type=kind, email_address=email, role=_ROLES[role])


def _inferred(email: str) -> GranteeType:
    """Return the type that an address has by itself, as google-generativeai infers it."""
    return GranteeType.GROUP if email.lower().endswith("googlegroups.com") else GranteeType.USER


def _wrong(source: str, mistakes: list[str]) -> GranteeListError:
    more = f"\n… and {len(mistakes) - _TOLD} more" if len(mistakes) > _TOLD else ""
    return GranteeListError(
        f"{source} cannot be used as it is, so nothing was sent.",
        fault=Fault.CALLER,
        next_step="Correct these lines, then run it again.",
        evidence="\n".join(mistakes[:_TOLD]) + more,
    )
