"""One call of this gcloud: its flags and words, the streams, the properties, and the questions.

Status goes to stderr, results alone go to stdout; questions are answered by a terminal or a pipe,
by `--quiet` with their defaults; those of a sign-in by `GEMAUTH_AUTO_CONSENT` with yes
(google-oauth.md section 7).
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from gemauth.cli.gcloud.errors import GcloudError, invalid
from gemauth.cli.gcloud.properties import Properties
from gemauth.client.target import EMULATOR_VARIABLE, target
from gemauth.errors import UsageError
from gemauth.run.environment import AUTO_CONSENT_VARIABLE

if TYPE_CHECKING:
    from gemauth.cli.console import Console
    from gemauth.cli.gcloud.grammar import Parsed
    from gemauth.cli.gcloud.machine import Machine
    from gemauth.google.endpoints import Endpoints

__all__ = ["Call"]

# The flags that stand for a property.
_PROPERTIES = {
    "account": ("core", "account"),
    "billing-project": ("billing", "quota_project"),
    "impersonate-service-account": ("auth", "impersonate_service_account"),
    "project": ("core", "project"),
    "verbosity": ("core", "verbosity"),
}
_LEVELS = ("debug", "info", "warning", "error", "critical", "none")


class Call:
    """A command line that was understood, and where it is carried out."""

    def __init__(self, parsed: Parsed, console: Console) -> None:
        self.console = console
        self.environ = console.environ
        self.words = parsed.words
        self._flags = parsed.flags
        texts = {name: value for name, value in parsed.flags.items() if isinstance(value, str)}
        self.properties = Properties(
            console.environ,
            {_PROPERTIES[name]: text for name, text in texts.items() if name in _PROPERTIES},
            texts.get("configuration"),
        )

    # --- flags

    def text(self, name: str) -> str | None:
        """Return a flag's value, None where it was not given."""
        value = self._flags.get(name)
        return value if isinstance(value, str) else None

    def items(self, name: str) -> tuple[str, ...] | None:
        """Return a list flag's items, None where it was not given."""
        value = self._flags.get(name)
        return value if isinstance(value, tuple) else None

    def switch(self, name: str, *, default: bool = False) -> bool:
        """Whether a switch is on."""
        value = self._flags.get(name)
        return value if isinstance(value, bool) else default

    @property
    def word(self) -> str | None:
        """The first positional argument, if there is one."""
        return self.words[0] if self.words else None

    # --- what is in force

    @cached_property
    def endpoints(self) -> Endpoints:
        """The emulator's.

        Raises:
            GcloudError: the environment names none: this is no gcloud for Google itself.
        """
        if not self.environ.get(EMULATOR_VARIABLE):
            raise GcloudError(
                f"{EMULATOR_VARIABLE} names no emulator, and this gcloud talks to nothing else.",
                next_step="Start the program with gemauth emulator run -- COMMAND, or use the real "
                "gcloud.",
            )
        return target(self.environ)

    @cached_property
    def machine(self) -> Machine | None:
        """The machine's own service account, if there is one."""
        from gemauth.cli.gcloud import machine

        return machine.find(self.environ)

    def value(self, section: str, name: str) -> str | None:
        """Return a property's value; account and project may be the machine's."""
        kept = self.properties.get(section, name)
        if kept is not None or section != "core" or name not in {"account", "project"}:
            return kept
        there = self.machine
        if there is None:
            return None
        return there.email if name == "account" else there.project

    @property
    def auto_consent(self) -> str | None:
        """Who consents to every sign-in, if somebody does (`--auto-consent`)."""
        return self.environ.get(AUTO_CONSENT_VARIABLE) or None

    @property
    def quiet(self) -> bool:
        """Whether questions are answered by their defaults."""
        disabled = self.properties.get("core", "disable_prompts") or ""
        return self.switch("quiet") or disabled.lower() in {"1", "true", "yes", "on"}

    # --- talk

    def say(self, text: str) -> None:
        """Tell what is going on."""
        if self.switch("user-output-enabled", default=True):
            self.console.warn(text)

    def warn(self, text: str) -> None:
        """Warn, unless `--verbosity` says not to."""
        if self.level <= _LEVELS.index("warning"):
            self.console.warn(f"WARNING: {text}")

    @property
    def level(self) -> int:
        """How much is told: the place of `--verbosity` among gcloud's levels.

        Raises:
            GcloudError: there is no such level.
        """
        name = (self.properties.get("core", "verbosity") or "warning").lower()
        if name not in _LEVELS:
            raise invalid("--verbosity", f"choose from {', '.join(_LEVELS)}.")
        return _LEVELS.index(name)

    @property
    def tells_errors(self) -> bool:
        """Whether an error is told: `--verbosity` none and critical leave the exit code alone."""
        return self.level <= _LEVELS.index("error")

    def proceed(
        self,
        message: str,
        *,
        question: str = "Do you want to continue",
        default: bool = True,
        needs_answer: bool = True,
        signing_in: bool = False,
    ) -> bool:
        """Ask a yes-or-no question and return the answer.

        Args:
            message: what it is about.
            question: its last line.
            default: what an empty line means, and `--quiet`.
            needs_answer: whether an input that has ended is an error, or means the default.
            signing_in: whether who consents to every sign-in says yes to this too.

        Raises:
            GcloudError: nobody answers, and an answer is needed.
        """
        if signing_in and self.auto_consent:
            return True
        if self.quiet:
            return default
        hint = "(Y/n)?  " if default else "(y/N)?  "
        self.console.warn(f"{message}\n")
        while True:
            try:
                answer = self.console.ask(f"{question} {hint}").lower()
            except UsageError:
                if not needs_answer:
                    return default
                raise GcloudError(
                    "This question needs an answer, and nobody is there to give it.",
                    next_step="Run it again with --quiet to take the default answers.",
                ) from None
            if not answer:
                return default
            if answer in {"y", "yes", "n", "no"}:
                return answer.startswith("y")

    def ask(self, prompt: str) -> str:
        """Ask for one line; the prompt goes to stdout, as gcloud's does.

        Raises:
            GcloudError: the input ended before a line came.
        """
        self.console.write(prompt)
        self.console.flush()
        line = self.console.stdin.readline()
        if not line:
            self.console.write("\n")
            raise GcloudError(
                "The input ended before the answer came.",
                next_step="Run it in a terminal or pipe the answer in; or start the run with "
                "gemauth emulator run --auto-consent EMAIL, which needs no answer.",
            )
        return line.strip()
