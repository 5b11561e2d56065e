"""`gemauth login`: sign in with one's own OAuth client, keep the credentials.

`client/login` does it, in one step or in two. The talk goes to stderr; `--format json` writes a
summary without secrets to stdout, and `--start` always writes JSON.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from gemauth.cli.command import Command, Example
from gemauth.cli.login.options import arguments
from gemauth.cli.login.story import story, summary
from gemauth.errors import UsageError

if TYPE_CHECKING:
    from argparse import Namespace

    from gemauth.cli.console import Console
    from gemauth.client.login import SignedIn

__all__ = ["COMMAND"]

# What belongs to the beginning of a sign-in, and is in the file that waits for its end.
_BEGINNING = (
    "client_id_file",
    "scopes",
    "add_scopes",
    "no_browser",
    "remote",
    "account",
    "port",
    "timeout",
    "output",
    "profile",
    "store",
    "replace",
    "quota_project",
    "emulator",
)


def run(args: Namespace, console: Console) -> int:
    """Sign in, or do one of the two steps of it, and tell what came of it.

    Raises:
        GemauthError: there is no sign-in; or there is one, and the API refuses its first call.
    """
    if args.start:
        return start(args, console)
    if args.remote_bootstrap is not None:
        return _lent(args, console)
    signed_in = _at_once(args, console) if args.finish is None else _finished(args, console)
    if console.format == "json":
        console.json(summary(signed_in))
    for line in story(signed_in, console.clock.now(), elsewhere=_is_elsewhere(signed_in, console)):
        console.say(line)
    shadow = console.environ.get("GOOGLE_APPLICATION_CREDENTIALS")
    if shadow and shadow != signed_in.path and signed_in.in_use:
        console.warn(
            f"warning: GOOGLE_APPLICATION_CREDENTIALS names {shadow}: programs use that file and "
            "not this sign-in until you unset it."
        )
    proof = signed_in.proof
    if proof is not None and proof.error is not None:
        if proof.refused:
            raise proof.error
        from gemauth.cli.failure import redact

        told = redact(str(proof.error))
        console.warn(f"warning: whether the API takes them could not be seen: {told}")
    return 0


def start(args: Namespace, console: Console) -> int:
    """Print what a person has to open, and what to do with what comes of it."""
    from gemauth.client.login import login_start
    from gemauth.client.login.two_step import LIFETIME
    from gemauth.client.transport import Transport
    from gemauth.clock import rfc3339

    if args.port:
        raise UsageError(
            "Nothing listens for a sign-in that is finished later.", next_step="Leave --port out."
        )
    if args.remote:
        raise UsageError(
            "A sign-in in another machine's browser is not finished by another command.",
            next_step="Leave --start or --remote out.",
        )
    with Transport(console.environ) as sender:
        started = login_start(
            args.client_id_file,
            add_scopes=_list(args.add_scopes),
            scopes=_list(args.scopes),
            account=args.account,
            lifetime=args.timeout or LIFETIME,
            output=args.output,
            profile=args.profile,
            in_keyring=_in_keyring(args),
            replace=args.replace,
            quota_project=args.quota_project,
            emulator=args.emulator,
            environ=console.environ,
            transport=sender,
            clock=console.clock,
        )
    finish = "gemauth login --finish -"
    console.json(
        {
            "url": started.url,
            "redirectUri": started.redirect_uri,
            "expires": rfc3339(float(int(started.expires_at))),
            "waiting": started.path,
            "next": finish,
            **({} if started.doubt is None else {"warning": started.doubt}),
        }
    )
    if started.doubt is not None:
        console.warn(f"warning: {started.doubt}")
    console.say(
        f"Open the address in any browser. It ends at a page that cannot be shown, at "
        f"{started.redirect_uri}?…: give that whole address to the standard input of {finish}"
    )
    return 0


def _finished(args: Namespace, console: Console) -> SignedIn:
    """End a sign-in with the address on the command line, or on standard input."""
    from gemauth.client.login import login_finish
    from gemauth.client.transport import Transport

    if options := _given(args, _BEGINNING):
        raise UsageError(
            f"What a sign-in is for was said when it began; --finish takes no {options}.",
            next_step="Run: gemauth login --finish -",
        )
    if args.finish == "-":
        url = console.ask("Address: " if console.stdin.isatty() else "")
    else:
        url = args.finish
        console.say(
            "The address holds a code, and anybody on this machine can read command lines. It "
            "serves once; next time, write it to the standard input of gemauth login --finish -"
        )
    with Transport(console.environ) as sender:
        return login_finish(
            url,
            proof=not args.no_proof,
            environ=console.environ,
            transport=sender,
            clock=console.clock,
        )


def _lent(args: Namespace, console: Console) -> int:
    """Lend this machine's browser to another one's sign-in."""
    from gemauth.cli.login.bootstrap import lend

    own = tuple(name for name in _BEGINNING if name not in {"port", "timeout", "emulator"})
    if options := _given(args, own):
        raise UsageError(
            f"What a sign-in is for is said on the machine that asked; here goes no {options}.",
            next_step="Run the command as it was printed there.",
        )
    return lend(args, console)


def _given(args: Namespace, names: tuple[str, ...]) -> str:
    """Return those of the options that were given, for a message."""
    return ", ".join(f"--{name.replace('_', '-')}" for name in names if getattr(args, name))


def _at_once(args: Namespace, console: Console) -> SignedIn:
    """Sign in while this process waits."""
    from gemauth.client.flows.loopback import TIMEOUT
    from gemauth.client.login import login
    from gemauth.client.transport import Transport

    with Transport(console.environ) as sender:
        return login(
            args.client_id_file,
            add_scopes=_list(args.add_scopes),
            scopes=_list(args.scopes),
            account=args.account,
            browser=False if args.no_browser else None,
            remote=args.remote,
            port=args.port,
            timeout=args.timeout or TIMEOUT,
            output=args.output,
            profile=args.profile,
            in_keyring=_in_keyring(args),
            replace=args.replace,
            quota_project=args.quota_project,
            proof=not args.no_proof,
            emulator=args.emulator,
            environ=console.environ,
            show=console.warn,  # the address to open is needed, --quiet or not
            ask=partial(_asked, console),
            transport=sender,
            clock=console.clock,
        )


def _asked(console: Console, prompt: str) -> str:
    """Ask, and tell a program that nobody answers how to sign a person in all the same."""
    try:
        return console.ask(prompt)
    except UsageError as error:
        raise UsageError(
            error.message,
            next_step="Run it in a terminal, write the answer to its standard input, or sign in by "
            "two commands: gemauth login --start --client-id-file FILE",
        ) from None


def _in_keyring(args: Namespace) -> bool | None:
    return None if args.store is None else args.store == "keyring"


def _is_elsewhere(signed_in: SignedIn, console: Console) -> bool:
    """Whether it is kept elsewhere than in the well-known place, also when a first step said so."""
    from gemauth.client.cache.places import adc_path

    return signed_in.path != adc_path(console.environ)


def _list(text: str | None) -> list[str] | None:
    return None if text is None else text.replace(",", " ").split()


COMMAND = Command(
    "login",
    "Sign in with your own OAuth client and keep the credentials.",
    run,
    arguments,
    options=("quota_project", "emulator"),
    details="""\
Opens your browser at Google's consent page and keeps what you grant as Application Default
Credentials (ADC), which every Google library finds by itself. The file can only be read by you.

Short names of scopes: cloud-platform, tuning, tuning.readonly, retriever, retriever.readonly,
generative-language, openid, email, profile.

On a machine without a browser, use --no-browser: open the printed address in a browser anywhere,
and paste the address that the browser ends on (the page there fails to load; that is expected).
A program may write that line to standard input.

With --remote another machine's browser signs in: run the printed command over there, with gcloud
372 or newer (gcloud auth application-default login --remote-bootstrap=…) or with gemauth, and paste
the line that it prints. There, --remote-bootstrap opens Google's own sign-in page and nothing else,
and asks first.

Where no process may wait for a person (an agent, a notebook, a CI job), sign in by two commands:
--start prints the address as JSON and ends; --finish - reads the address that the browser ended on
from standard input, in any process with the same HOME. What the second step needs waits in a file
that only you can read, serves once and ends by itself; several sign-ins can wait beside each other.

With the new credentials one model is listed before you are told that you are signed in. Where the
API refuses that, the credentials are kept all the same, and the refusal decides the exit code
(4 mostly: the API is not enabled, a quota project may not be used, a scope is missing); where it
cannot be reached, a warning says so. --no-proof leaves the call out.

--profile keeps the sign-in beside others, under a name; the first one is put in use (gemauth
profiles use). With --store keyring its secrets go into the system's keyring, where only gemauth
finds them; a keyring that is missing, locked or forgets is told before the browser opens.

--add-scopes asks for more with the client that the credentials name. The same account has to sign
in, and all boxes are to be ticked again. The refresh token is replaced by a new one; the old one,
where a copy of it is, is not revoked.""",
    examples=(
        Example("The usual way", "gemauth login --client-id-file client_secret.json"),
        Example(
            "Over SSH or in a container",
            "gemauth login --client-id-file client_secret.json --no-browser",
        ),
        Example(
            "With the browser of another machine that has gcloud or gemauth",
            "gemauth login --client-id-file client_secret.json --remote",
        ),
        Example(
            "A second account",
            "gemauth login --client-id-file client_secret.json --profile work",
        ),
        Example(
            "In two steps",
            "gemauth login --start --client-id-file client_secret.json",
        ),
        Example(
            "And the second, with the address on its standard input", "gemauth login --finish -"
        ),
        Example("Later, to tune and share models too", "gemauth login --add-scopes tuning"),
        Example(
            "Only what sharing tuned models needs",
            "gemauth login --client-id-file client_secret.json --scopes tuning,email",
        ),
    ),
)
