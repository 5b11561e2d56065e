"""A field's two names: snake_case in the .proto files, lowerCamelCase in JSON (ProtoJSON)."""

from __future__ import annotations

__all__ = ["camel_case", "snake_case"]


def camel_case(name: str) -> str:
    """Return a field's name as JSON has it: `display_name` is `displayName`."""
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def snake_case(name: str) -> str:
    """Return a field's name, or a path of names, as the .proto files have it."""
    return "".join(f"_{c.lower()}" if c.isascii() and c.isupper() else c for c in name)
