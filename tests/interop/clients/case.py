"""A case: a client, a job, and what the emulator has to have seen of it. Read by tools too."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["OK", "Case", "Seen"]

OK = "yes"


@dataclass(frozen=True, slots=True)
class Seen:
    """A request that the emulator has answered; what is None is not compared.

    Args:
        verb, path: of the request, without a query; a path that ends in `*` is a beginning, and
            it takes the words in braces that a case's command takes.
        host: the host that the client called.
        status: of the answer.
        credential: `user`, `service_account`, `federated` or `api_key`.
        principal: the caller's e-mail address, or a federated identity's name; `{robot}` stands
            for the service account, and it may be a beginning too.
        scopes: what the token covered, in any order; the empty tuple says that the caller's
            credential had no scopes (a key, a self-signed JWT).
        grant_type: at the token endpoint.
        transport: `http/1.1`, `http/2` or `grpc`.
        grpc_status: the gRPC code's name.
        consumer_project: the project that the call counted against.
        times: how many such requests there are, at least.
    """

    verb: str
    path: str
    host: str | None = "generativelanguage.googleapis.com"
    status: int = 200
    credential: str | None = None
    principal: str | None = None
    scopes: tuple[str, ...] | None = None
    grant_type: str | None = None
    transport: str | None = None
    grpc_status: str | None = None
    consumer_project: str | None = None
    times: int = 1

    def matches(self, entry: Mapping[str, Any], words: Mapping[str, str]) -> bool:
        """Whether an entry of the emulator's ledger is such a request."""
        for name, pattern in (("path", self.path), ("principal", self.principal)):
            if pattern is not None and not _fits(entry.get(name, ""), pattern.format(**words)):
                return False
        if self.scopes is not None and set(entry.get("scopes") or ()) != set(self.scopes):
            return False
        wanted = {
            "verb": self.verb,
            "host": self.host,
            "status": self.status,
            "credential": self.credential,
            "grantType": self.grant_type,
            "transport": self.transport,
            "grpcStatus": self.grpc_status,
            "consumerProject": self.consumer_project,
        }
        return all(entry.get(name) == value for name, value in wanted.items() if value is not None)


def _fits(text: str, pattern: str) -> bool:
    beginning = pattern.removesuffix("*")
    return text.startswith(beginning) if pattern.endswith("*") else text == pattern


@dataclass(frozen=True, slots=True)
class Case:
    """One program and its job.

    Args:
        client: whose program it is, as its makers write it; groups the table.
        job: what it does, for the table; unique for a client.
        command: the program and its arguments. `{python}` is the interpreter with the official
            clients, `{programs}` the folder of programs, `{node}` that of those for Node, `{go}`
            the program in Go, built, `{work}` a new folder of the case's, `{robot}` the service
            account's address, `{project}` the project, `{key}` an API key, `{model}` a tuned model.
        seen: what the emulator has to have seen, in any order.
        prints: what must stand in the program's output.
        options: of `gemauth emulator run`.
        credentials: the file that GOOGLE_APPLICATION_CREDENTIALS names instead of the run's own:
            `impersonated`, `external_account`, `external_account_impersonated`,
            `external_account_authorized_user`; made by the suite. Give `--no-credentials` with it.
        environment: more variables of the program's.
        needs: a command that has to be installed for the case (`gcloud`, `go`, `java`, `node`),
            outside of the run: its own stand-in for gcloud is not meant.
        run: the verdict with `gemauth emulator run`: OK, or why it does not work.
        isolate: the verdict with `--isolate`.
    """

    client: str
    job: str
    command: Sequence[str]
    seen: Sequence[Seen]
    prints: Sequence[str] = ()
    options: Sequence[str] = ("--as", "ada@example.com")
    credentials: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    needs: str | None = None
    run: str = OK
    isolate: str = OK

    @property
    def name(self) -> str:
        """The case's name among tests."""
        return f"{self.client}: {self.job}"
