"""Signing in by two processes: one makes the address to open, another takes what came of it.

For agents, notebooks and CI, where no process may wait for a person. The browser may be anywhere:
it ends at a loopback address where nothing listens, as in `flows/paste.py`, and that address is
what the second step takes. In between the sign-in waits in a file (`waiting.py`), from which its
secrets never leave: the address to open has a state and a challenge, and no verifier.
"""

from __future__ import annotations

import contextlib
import os
import shlex
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from gemauth.client.advice import Advice
from gemauth.client.flows import dead_end
from gemauth.client.flows.paste import answer_in, nowhere
from gemauth.client.flows.sign_in import Pending, begin, code_of, redeem
from gemauth.client.login import waiting
from gemauth.client.login.asked import asked
from gemauth.client.login.keeping import SignedIn, see_through
from gemauth.client.target import target
from gemauth.client.transport import lent
from gemauth.client.world import Network
from gemauth.errors import CredentialError, DataError, UnreachableError, UsageError
from gemauth.flow import Now, run
from gemauth.google.scopes import DEFAULT, typed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from gemauth.client.login.wish import Wish
    from gemauth.client.world import Sender
    from gemauth.clock import Clock
    from gemauth.flow import Flow

__all__ = ["LIFETIME", "Started", "finishing", "login_finish", "login_start", "starting"]

LIFETIME = 1800.0
"""Seconds that a sign-in waits; a code of Google's lives for some ten minutes of them."""


@dataclass(frozen=True, slots=True)
class Started:
    """A sign-in that waits for a person.

    Attributes:
        url: to open in a browser, anywhere.
        redirect_uri: how the address begins that the browser ends at, and that finishes it.
        expires_at: until when it may be finished, epoch seconds.
        path: the file in which it waits.
        doubt: what the person should know first (`Wish.doubt`), or None.
    """

    url: str = field(repr=False)
    redirect_uri: str
    expires_at: float
    path: str
    doubt: str | None = None


def login_start(
    client_id_file: str | os.PathLike[str] | None = None,
    *,
    add_scopes: Iterable[str] | None = None,
    scopes: Iterable[str] | None = None,
    account: str | None = None,
    lifetime: float = LIFETIME,
    output: str | os.PathLike[str] | None = None,
    profile: str | None = None,
    in_keyring: bool | None = None,
    replace: bool = False,
    quota_project: str | None = None,
    emulator: str | None = None,
    environ: Mapping[str, str] = os.environ,
    transport: Sender | None = None,
    clock: Clock | None = None,
) -> Started:
    """Begin a sign-in that `login_finish` ends, in this process or another.

    Args:
        client_id_file: as `login`'s.
        add_scopes: as `login`'s.
        scopes: as `login`'s.
        account: as `login`'s.
        lifetime: seconds that it waits, at most `waiting.LONGEST`.
        output: as `login`'s.
        profile: as `login`'s.
        in_keyring: as `login`'s.
        replace: as `login`'s.
        quota_project: as `login`'s.
        emulator: as `login`'s.
        environ: the environment variables; both steps need the same home.
        transport: sends a request, if scopes are added to what nobody remembers.
        clock: tells the time.

    Raises:
        UsageError: as `login`, or it is to wait for too long, or there is no home.
        NotFoundError: as `login`.
        DataError: as `login`, or it cannot be written down.
        CredentialError: scopes are added to a sign-in that is no longer accepted.
        UnreachableError: there, the token endpoint could not be asked.
    """
    flow = starting(
        asked(
            client_id_file,
            add_scopes=add_scopes,
            scopes=scopes,
            account=account,
            output=output,
            profile=profile,
            in_keyring=in_keyring,
            replace=replace,
            quota_project=quota_project,
            emulator=emulator,
            environ=environ,
        ),
        lifetime=lifetime,
        environ=environ,
    )
    with lent(transport, environ) as sender:
        return run(flow, Network(sender, clock=clock))


def login_finish(
    url: str,
    *,
    proof: bool = True,
    environ: Mapping[str, str] = os.environ,
    transport: Sender | None = None,
    clock: Clock | None = None,
) -> SignedIn:
    """End a sign-in that `login_start` began.

    Args:
        url: the whole address that the browser ended at. Its code serves once, and only with the
            verifier that waits on this machine; all the same, do not pass it on command lines.
        proof: as `login`'s.
        environ: the environment variables; both steps need the same home.
        transport: sends the requests; None opens one.
        clock: tells the time.

    Raises:
        UsageError: it is no such address, or the credentials may not be kept any more.
        CredentialError: nothing waits for it, it has ended or was used, the person declined, the
            code was refused, or another account signed in.
        DataError: the credentials cannot be written.
        UnreachableError: the token endpoint could not be asked; it may be finished once more.
    """
    with lent(transport, environ) as sender:
        flow = finishing(url, proof=proof, environ=environ)
        return run(flow, Network(sender, clock=clock))


def starting(
    wish: Flow[Wish],
    *,
    lifetime: float = LIFETIME,
    environ: Mapping[str, str],
    entropy: Callable[[int], bytes] = os.urandom,
) -> Flow[Started]:
    """Return the flow of the first step; arguments and errors as `login_start`'s."""
    if not 0 < lifetime <= waiting.LONGEST:
        raise UsageError(
            f"A sign-in cannot wait for {lifetime:g} seconds.",
            next_step=f"Give it at most {waiting.LONGEST:g}; one that ends can be begun again.",
        )
    wished = yield from wish
    wished.require_free(environ)
    pending = begin(wished.sign_in, nowhere(entropy), entropy)
    now: float = yield Now()
    waiting.delete_old(environ, now)
    waits = waiting.Waiting(wished, pending.redirect_uri, pending.verifier, now + lifetime)
    path = waiting.keep(environ, pending.state, waits)
    return Started(pending.url, pending.redirect_uri, waits.expires_at, str(path), wished.doubt)


def finishing(url: str, *, proof: bool = True, environ: Mapping[str, str]) -> Flow[SignedIn]:
    """Return the flow of the second step; arguments and errors as `login_finish`'s."""
    answer = answer_in(url)
    if answer is None or not answer.state:
        asked_at = target(environ)  # such a page does not say which sign-in it ended
        advise = partial(Advice.on, emulated=asked_at.is_emulator)
        end = dead_end.of_pasted(url, asked_at.authorization, advise)
        if end is not None:
            raise end
        raise UsageError(
            "This is not the address that a sign-in ended at: it needs a code and a state.",
            next_step="Copy the whole address, from http://127.0.0.1 on: gemauth login --finish -",
        )
    state = answer.state
    now: float = yield Now()
    waits = waiting.find(environ, state, now)
    waits.wish.require_free(environ)
    waiting.take(environ, state)
    # The state was found by its digest: it is its own.
    pending = Pending(waits.wish.sign_in, waits.redirect_uri, "", state, waits.verifier)
    try:
        granted = yield from redeem(pending, code_of(pending, answer))
    except UnreachableError:
        with contextlib.suppress(DataError):  # then it is to be begun again
            waiting.put_back(environ, state, waits)
        raise
    except CredentialError as error:
        if "gemauth login" not in (error.next_step or ""):
            error.next_step = (
                f"{error.next_step or ''} Begin anew: {_again(waits.wish, environ)}".strip()
            )
        raise
    return (yield from see_through(waits.wish, granted, proof=proof, environ=environ))


def _again(wish: Wish, environ: Mapping[str, str]) -> str:
    """Return the command that begins a sign-in like this one."""
    sign_in, command = wish.sign_in, "gemauth login --start"
    where = wish.destination.option(environ)
    earlier = wish.earlier or ()
    scopes = shlex.quote(",".join(typed(one) for one in sign_in.scopes if one not in earlier))
    if wish.earlier is not None:
        return f"{command} --add-scopes {scopes}{where}"
    asked = "" if sign_in.scopes == DEFAULT else f" --scopes {scopes}"
    account = f" --account {shlex.quote(sign_in.account)}" if sign_in.account else ""
    return f"{command} --client-id-file FILE{asked}{account}{where}"
