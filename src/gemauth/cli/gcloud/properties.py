"""gcloud's properties: flags, CLOUDSDK_… variables, and the active configuration's file.

The file is gcloud's own (`$CLOUDSDK_CONFIG/configurations/config_NAME`, INI), so that a real gcloud
beside this one reads the same. `gcloud topic configurations`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from gemauth.cli.gcloud.errors import GcloudError, invalid
from gemauth.client.cache.places import adc_path

if TYPE_CHECKING:
    from collections.abc import Mapping
    from configparser import RawConfigParser

__all__ = ["Properties", "full_name"]

# gcloud's sections that a person may write; a bare name is in `core`.
_NAME = re.compile(r"(?:(?P<section>[a-z0-9_]+)/)?(?P<name>[a-z0-9_]+)")
_CONFIGURATION = re.compile(r"[a-z][-a-z0-9]*")


def full_name(text: str) -> tuple[str, str]:
    """Return a property's section and name.

    Raises:
        GcloudError: it is not one.
    """
    match = _NAME.fullmatch(text)
    if match is None:
        raise invalid("SECTION/PROPERTY", f"{text!r} is no property.")
    return match["section"] or "core", match["name"]


class Properties:
    """The properties in force: what a flag says goes before the environment, that before the file.

    Args:
        environ: the environment variables.
        flags: what flags set, by section and name.
        configuration: the configuration's name, where a flag says it.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        flags: Mapping[tuple[str, str], str],
        configuration: str | None = None,
    ) -> None:
        self._environ = environ
        self._flags = flags
        self._named = configuration

    @property
    def folder(self) -> Path:
        """Where gcloud keeps its files.

        Raises:
            GcloudError: the environment names no home.
        """
        place = adc_path(self._environ)
        if place is None:
            raise GcloudError("There is no home folder to keep a configuration in: set HOME.")
        return Path(place).parent

    @property
    def configuration(self) -> str:
        """The active configuration's name."""
        name = self._named or self._environ.get("CLOUDSDK_ACTIVE_CONFIG_NAME")
        if name is None:
            try:
                name = (self.folder / "active_config").read_text("utf-8").strip()
            except (OSError, UnicodeDecodeError):
                name = None
        name = name or "default"
        if _CONFIGURATION.fullmatch(name) is None:
            raise invalid("--configuration", f"{name!r} is no configuration's name.")
        return name

    def get(self, section: str, name: str) -> str | None:
        """Return a property's value, None where it is not set."""
        variable = f"CLOUDSDK_{section}_{name}".upper()
        kept = self._flags.get((section, name)) or self._environ.get(variable)
        return kept or self._file().get(section, name, fallback="") or None

    def everything(self) -> dict[str, dict[str, str]]:
        """Return the properties of the file, by section, with flags and variables over them."""
        found = {section: dict(self._file()[section]) for section in self._file().sections()}
        pairs = {(section, name) for section, names in found.items() for name in names}
        for section, name in {*pairs, *self._flags, ("core", "account"), ("core", "project")}:
            value = self.get(section, name)
            if value is not None:
                found.setdefault(section, {})[name] = value
        return {section: dict(sorted(names.items())) for section, names in sorted(found.items())}

    def put(self, section: str, name: str, value: str | None) -> None:
        """Keep a value in the active configuration's file; None takes it out.

        Raises:
            DataError: the file cannot be written.
        """
        import io

        from gemauth.client.cache.files import write_private

        parser = self._file()
        if not parser.has_section(section):
            parser.add_section(section)
        if value is None:
            parser.remove_option(section, name)
        else:
            parser.set(section, name, value)
        text = io.StringIO()
        parser.write(text)
        write_private(self._path, text.getvalue().encode())

    @property
    def _path(self) -> Path:
        return self.folder / "configurations" / f"config_{self.configuration}"

    def _file(self) -> RawConfigParser:
        import configparser

        parser = configparser.RawConfigParser()
        try:
            parser.read_string(self._path.read_text("utf-8"))
        except FileNotFoundError:
            pass
        except (OSError, UnicodeDecodeError, configparser.Error) as error:
            raise GcloudError(
                f"The configuration {self._path} cannot be read: {type(error).__name__}."
            ) from None
        return parser
