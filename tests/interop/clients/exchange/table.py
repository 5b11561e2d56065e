"""A writer of a credential file, and its readers, with what the emulator has to see. For tools too.

In lines of a shell, `{python}`, `{gemauth}`, `{gcloud}`, `{go}`, `{node}`, `{programs}` are
programs and folders, `{robot}` the service account, `{billed}` a project that is not the client's,
`{scopes}` what is asked for; `$GEMAUTH_RUN/client_secret.json` is the OAuth client.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gemauth.google.scopes import CLOUD_PLATFORM, RETRIEVER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["ADA", "BILLED", "MODELS", "SCOPES", "YES", "Difference", "Reader", "Writer"]

ADA = "ada@example.com"
BILLED = "billed-project"
SCOPES = (CLOUD_PLATFORM, RETRIEVER)
YES = "yes"
MODELS = "https://generativelanguage.googleapis.com/v1beta/models"


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a reader does not take a file as it is.

    Args:
        verdict: for the table.
        why: for the note below it.
        told: what the reader says when it fails.
        instead: lines by which it works after all; then they, too, are run.
    """

    verdict: str
    why: str
    told: str
    instead: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Writer:
    """A command, or a few lines of a program, that leaves a credential file.

    Args:
        by: whose it is, as its makers write it; groups the table.
        what: the command, for the table.
        lines: of the shell that runs it.
        kind: of credential that the API sees in the end: `user` or `service_account`; None where
            the file is an OAuth client's, with which each reader signs in by itself.
        file: what readers are told by GOOGLE_APPLICATION_CREDENTIALS; None where the file stands
            in the well-known place, which they know.
        scopes: that the person granted.
        quota: whether it says a quota project, `{billed}`.
        lost: what the file does not say though the writer knew, for the note.
        options: of `gemauth emulator run`.
        needs: a command that has to be installed.
        differences: by the reader's name.
    """

    by: str
    what: str
    lines: Sequence[str]
    kind: str | None = "user"
    file: str | None = None
    scopes: tuple[str, ...] = SCOPES
    quota: bool = False
    lost: str | None = None
    options: tuple[str, ...] = ("--no-credentials", "--auto-consent", ADA, "--gcloud=system")
    needs: str | None = None
    differences: Mapping[str, Difference] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The row's name among tests."""
        return f"{self.by}: {self.what}"


@dataclass(frozen=True, slots=True)
class Reader:
    """A program that lists models with whatever credentials it finds.

    Args:
        name: as its makers write it; a column of the table.
        lines: of a shell, by the kind of credentials; under None those that sign in with an OAuth
            client's file.
        scopes: that it asks for, of a service account.
        without_quota: why it does not tell the API the file's quota project; None where it does.
        needs: a command that has to be installed.
    """

    name: str
    lines: Mapping[str | None, Sequence[str]]
    scopes: tuple[str, ...] = SCOPES
    without_quota: str | None = None
    needs: str | None = None

    def verdict(self, writer: Writer) -> str:
        """What the table says of it and a writer's file."""
        if self.name in writer.differences:
            return writer.differences[self.name].verdict
        lacks = writer.quota and self.without_quota
        return f"{YES}, without the quota project" if lacks else YES
