"""The sign-in of an installed gcloud, if somebody asks for it: its tokens, made by itself.

`gcloud config config-helper --format=json` is what gcloud has for that: the active account's token
and its end, with the configuration beside it. Its files and its client are left alone. The tokens
open Google Cloud only, since gcloud's own client gets no other scopes (google-oauth.md 7.1), so the
Gemini API refuses them (gemini-api.md section 3); IAM takes them, to act as a service account too.
Google bills no call to that client's project: what gcloud works in is the quota project.

Made by `chain.load("gcloud")`. Nothing is kept on disk: gcloud keeps its tokens itself, and only it
knows when its active account has changed.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from gemauth.client.credentials import Credentials
from gemauth.client.sources.cached import Remembered
from gemauth.client.target import require_token_side, target
from gemauth.client.token import AccessToken
from gemauth.clock import SystemClock
from gemauth.errors import CredentialError, Fault, NotFoundError, UsageError
from gemauth.flow import Disk, Now
from gemauth.google.scopes import GCLOUD_LOGIN

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gemauth.client.identity import IdentityToken
    from gemauth.client.sources.wanted import Wanted
    from gemauth.clock import Clock
    from gemauth.flow import Flow
    from gemauth.google.endpoints import Endpoints

__all__ = ["OPENS", "PATIENCE", "Gcloud", "Helper", "credentials"]

OPENS = (
    "Its tokens have Google Cloud's scopes and none of the Gemini API's own, so that API refuses "
    "them; a service account that they act as gets its own (--impersonate-service-account)."
)
PATIENCE = 60.0
"""Seconds for one run of gcloud; a first one on a slow machine takes 10."""
_HELPER = ("config", "config-helper", "--format=json")
_LIFE = 330
"""Seconds that a token has to live for; with less than `cached.AHEAD` it would be renewed again."""
_OWN_WORDS = {"CURRENT_PROJECT", "CURRENT_PROJECT_WITH_FALLBACK", "LEGACY"}
_SIGN_IN = "gcloud auth login. Or sign in without gcloud: gemauth login --client-id-file FILE"


@dataclass(frozen=True, slots=True)
class Helper:
    """What config-helper says: the token, whose it is, and the project that gcloud bills."""

    token: AccessToken
    account: str | None
    quota_project: str | None


class Gcloud:
    """Asks gcloud for a token at every call; wrap it in a cache.

    Args:
        endpoints: the Google that its tokens are for.
        environ: the environment variables; `PATH` leads to gcloud, and gcloud reads its own.
        run: runs a command for its exit code, output and messages.
    """

    def __init__(
        self,
        endpoints: Endpoints,
        environ: Mapping[str, str],
        run: Callable[[Sequence[str], Mapping[str, str]], tuple[int, str, str]] | None = None,
    ) -> None:
        self._endpoints = endpoints
        self._environ = environ
        self._run = run or _run
        self._rejected: str | None = None

    def reject(self, value: str) -> None:
        """Have gcloud make another one instead of this token (`token.TokenCache`)."""
        self._rejected = value

    def token(self, *, fresh: bool = False) -> Flow[AccessToken]:
        """Return gcloud's token; errors as `ask`."""
        asked: float = yield Now()
        # gcloud takes a second: as what a disk does, an event loop has a thread do it.
        found: Helper = yield Disk(lambda: self.ask(asked, fresh=fresh))
        return found.token

    def identity(
        self,
        audience: str | None,  # noqa: ARG002  # IdentitySource's
        *,
        include_email: bool = False,  # noqa: ARG002  # IdentitySource's
    ) -> Flow[IdentityToken]:
        """Return nothing: gcloud prints its ID tokens itself.

        Raises:
            UsageError: always.
        """
        raise UsageError(
            "gcloud is asked for access tokens only; its ID tokens are for its own OAuth client.",
            next_step="gcloud auth print-identity-token. Or for any audience, as a service "
            "account: --impersonate-service-account EMAIL.",
        )

    def ask(self, now: float, *, fresh: bool = False) -> Helper:
        """Run gcloud.

        Args:
            now: epoch seconds.
            fresh: have it make a new token.

        Raises:
            NotFoundError: there is no gcloud on the PATH.
            CredentialError: nobody is signed in to it, it cannot renew its token, it does not end,
                or its token belongs to the other side (real, emulator).
        """
        found = self._ask(now, fresh=fresh)
        if found.token.value == self._rejected and not fresh:
            found = self._ask(now, fresh=True)
        require_token_side(self._endpoints, found.token.value)
        return found

    def _ask(self, now: float, *, fresh: bool) -> Helper:
        # Not what the working folder has: an empty entry means it, and on Windows it goes first.
        folders = self._environ.get("PATH", os.defpath).split(os.pathsep)
        path = os.pathsep.join(filter(os.path.isabs, folders))
        program = shutil.which("gcloud", path=path)
        if program is None or not os.path.isabs(program):  # noqa: PTH117  # a text, as `which` has it
            raise NotFoundError(
                "gcloud was asked for, and there is none on the PATH.",
                next_step="Sign in without it: gemauth login --client-id-file FILE",
                fault=Fault.MACHINE,
            )
        how = "--force-auth-refresh" if fresh else f"--min-expiry={_LIFE}s"
        environ = {**self._environ, "CLOUDSDK_CORE_DISABLE_PROMPTS": "1"}
        code, said, complained = self._run((program, *_HELPER, how), environ)
        if code != 0:
            raise _refusal(complained)
        return _read(said, now)


def credentials(
    wanted: Wanted, source: Gcloud | None = None, clock: Clock | None = None
) -> Credentials:
    """Return the credentials of gcloud's active account. gcloud is run once for it.

    Args:
        wanted: what the caller asked for.
        source: asked for tokens; None makes one.
        clock: the machine's own where None.

    Raises:
        UsageError: scopes are asked for and nobody to act as, or what is wanted takes a key.
        NotFoundError: as `Gcloud.ask`; CredentialError too.
    """
    if wanted.subject or wanted.self_signed:
        raise UsageError(
            "gcloud has no key to act as a person with, or to sign tokens by itself.",
            next_step="Name a service account's key: --credentials key.json",
        )
    if wanted.scopes and wanted.acting is None:
        raise UsageError(
            f"gcloud's tokens have the scopes that they have. {OPENS}",
            next_step="Leave the scopes out, or sign in with a client of your own: "
            "gemauth login --client-id-file FILE",
        )
    endpoints = wanted.endpoints or target({})
    source = source or Gcloud(endpoints, wanted.environ)
    found = source.ask((clock or SystemClock()).now())
    return Credentials(
        kind="gcloud",
        source=Remembered(source, found.token),
        endpoints=endpoints,
        account=found.account,
        quota_project=wanted.quota_project or found.quota_project,
        scopes=GCLOUD_LOGIN,
    )


def _run(command: Sequence[str], environ: Mapping[str, str]) -> tuple[int, str, str]:
    """Run a command without a shell and without a terminal, and leave nothing of it behind.

    Raises:
        CredentialError: it cannot be started, or does not end in time.
    """
    nothing = subprocess.DEVNULL
    pipe = subprocess.PIPE
    try:
        process = subprocess.Popen(  # noqa: S603  # the PATH's gcloud was asked for
            command,
            env=dict(environ),
            stdin=nothing,
            stdout=pipe,
            stderr=pipe,
            start_new_session=True,  # gcloud is a shell script that starts Python
        )
    except OSError as error:
        raise CredentialError(
            f"gcloud cannot be started: {error.strerror or type(error).__name__}.",
            next_step="Try it by hand: gcloud auth list",
            fault=Fault.MACHINE,
        ) from None
    try:
        said, complained = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        raise CredentialError(
            f"gcloud did not answer within {PATIENCE:.0f} seconds.",
            next_step="Try it by hand: gcloud auth print-access-token",
            fault=Fault.MACHINE,
        ) from None
    finally:
        if process.returncode is None:
            _end(process)
    return process.returncode, _text(said), _text(complained)


def _text(stream: bytes) -> str:
    return stream.decode("utf-8", "replace")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End it with all that it has started."""
    with suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.communicate()


def _refusal(complained: str) -> CredentialError:
    """Return gcloud's failure in our words; its own are the evidence, and have no token in them."""
    text = complained.lower()
    if "active account" in text or "no credentialed accounts" in text:
        message = "Nobody is signed in to gcloud."
    elif "reauth" in text or "invalid_rapt" in text:
        message = "gcloud's sign-in has to be repeated: the organization wants the person again."
    elif "invalid_grant" in text or "refresh" in text:
        message = "gcloud's sign-in is over: it cannot renew its token."
    else:
        message = "gcloud gave no token."
    return CredentialError(message, next_step=_SIGN_IN, evidence=complained.strip()[:500] or None)


def _read(said: str, now: float) -> Helper:
    """Return what config-helper printed.

    Raises:
        CredentialError: it is something else.
    """
    try:
        members: Any = json.loads(said)
        credential = members["credential"]
        value, end = credential["access_token"], credential.get("token_expiry")
        moment = datetime.fromisoformat(end) if end else None
        expires_at = None if moment is None else moment.replace(tzinfo=UTC).timestamp()
        properties = members["configuration"].get("properties") or {}
        core, billing = properties.get("core") or {}, properties.get("billing") or {}
        named = billing.get("quota_project")
        project = core.get("project") if named in {None, *_OWN_WORDS} else named
        account = core.get("account")
    except (ValueError, KeyError, TypeError, AttributeError):
        # What was said may hold a token, and is no evidence.
        raise CredentialError(
            "gcloud config config-helper said something else than a token.",
            next_step="Update gcloud: gcloud components update",
            fault=Fault.MACHINE,
        ) from None
    if not isinstance(value, str) or not value:
        raise CredentialError("gcloud gave no token.", next_step=_SIGN_IN)
    return Helper(AccessToken(value, expires_at, GCLOUD_LOGIN, now), account, project)
