"""The doctor on the way to the server: names, both of its addresses, and whether clocks agree.

The two requests carry no credentials: what they ask is refused, and an answer is an answer.
"""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from gemauth.client.doctor.environment import proxy_url
from gemauth.client.doctor.finding import Finding, failed, ok, skipped, warning
from gemauth.client.doctor.remedies import remedy
from gemauth.client.lifetime import duration
from gemauth.client.token import EARLY
from gemauth.errors import CredentialError, Fault, UnreachableError
from gemauth.flow import Flow, Now, Send
from gemauth.google.status import Status
from gemauth.http import Request, Response, without_query
from gemauth.oauth.error import ErrorBody

if TYPE_CHECKING:
    from gemauth.client.doctor.case import Case

__all__ = ["api_server", "clock", "names", "token_server"]

TOLERATED = 30.0  # seconds between the clocks: what a slow answer explains
_SET_CLOCK = {
    "darwin": "sudo sntp -sS time.apple.com",
    "win32": "w32tm /resync",
}


def names(case: Case) -> Finding:
    """Whether the servers' names resolve."""
    if case.endpoints is None:
        return skipped("It is not known whom calls go to.")
    if case.emulated:
        return skipped("An emulator is called by its number.")
    if proxy_url(case) is not None:
        return skipped("The proxy resolves names.")
    hosts = [urlsplit(url).hostname or "" for url in (case.endpoints.token, case.endpoints.gemini)]
    why = ""
    for host in hosts:
        try:
            case.resolve(host)
        except OSError as error:
            case.unresolved.append(host)
            why = why or error.strerror or str(error)
    if case.unresolved:
        host = case.unresolved[0]
        return failed(
            UnreachableError(f"The name {host} could not be resolved.", evidence=why),
            next_step=f"nslookup {host}",
        )
    return ok(f"{' and '.join(hosts)} resolve.")


def token_server(case: Case) -> Flow[Finding]:
    """Whether the token server answers, and nobody in its place."""
    if case.endpoints is None:
        return skipped("It is not known whom calls go to.")
    url = case.endpoints.tokeninfo
    try:
        answer = yield from _asked(case, "token server", url)
    except UnreachableError as error:
        return _out_of_reach(case, "token server", url, error)
    if ErrorBody.from_json(_body(answer)) is None:
        raise _stranger(url, answer)
    return ok(f"{without_query(url)} answers.", evidence=f"HTTP {answer.status}")


def api_server(case: Case) -> Flow[Finding]:
    """Whether the Gemini API answers, and nobody in its place."""
    if case.endpoints is None:
        return skipped("It is not known whom calls go to.")
    url = f"{case.endpoints.gemini}/v1beta/models"
    try:
        answer = yield from _asked(case, "API server", url)
    except UnreachableError as error:
        return _out_of_reach(case, "API server", url, error)
    body = _body(answer)
    if not (isinstance(body, dict) if answer.ok else Status.from_json(body)):
        raise _stranger(url, answer)
    return ok(f"{without_query(url)} answers.", evidence=f"HTTP {answer.status}")


def clock(case: Case) -> Finding:
    """Whether this machine's clock and the server's agree (the Date of its answers)."""
    told = [(now, answer.headers.get("Date")) for now, answer in case.answers.values()]
    dated = [(now, date) for now, date in told if date is not None]
    if not dated:
        return skipped("No answer came that tells the server's time.")
    now, date = dated[-1]
    try:
        ahead = now - parsedate_to_datetime(date).timestamp()
    except ValueError:
        return skipped("The server's Date cannot be read.")
    if abs(ahead) <= TOLERATED:
        return ok("This machine's clock and the server's agree.", evidence=f"{ahead:+.0f} s")
    way = "ahead of" if ahead > 0 else "behind"
    message = f"This machine's clock is {duration(abs(ahead))} {way} the server's."
    step = _SET_CLOCK.get(case.platform, "sudo timedatectl set-ntp true")
    if abs(ahead) < EARLY:
        return warning(message, fault=Fault.MACHINE, evidence=f"Date: {date}", next_step=step)
    return failed(
        CredentialError(
            f"{message} Tokens seem to live longer or shorter than they do, and a service "
            "account's assertions are refused.",
            fault=Fault.MACHINE,
            evidence=f"Date: {date}",
        ),
        next_step=step,
    )


def _asked(case: Case, name: str, url: str) -> Flow[Response]:
    answer: Response = yield Send(Request("GET", url))
    now: float = yield Now()
    case.answers[name] = now, answer
    return answer


def _out_of_reach(case: Case, name: str, url: str, error: UnreachableError) -> Finding:
    """Return why nobody answered, with what shows more of it."""
    case.unreached.append(name)
    if urlsplit(url).hostname in case.unresolved:
        return skipped("Its name could not be resolved (see names).")
    if (start := remedy(error, case)) is not None:
        return failed(error, next_step=start)
    advice = "" if error.next_step is None else f" {error.next_step}"
    return failed(
        error, message=f"{error.message}{advice}", next_step=f"curl -v {without_query(url)}"
    )


def _body(answer: Response) -> Any:  # noqa: ANN401  # what anybody may answer
    try:
        return answer.json()
    except UnreachableError:
        return None


def _stranger(url: str, answer: Response) -> UnreachableError:
    return UnreachableError(
        f"What answers at {urlsplit(url).netloc} is not it: a proxy, a sign-in page of the "
        "network, or another server.",
        next_step=f"curl -sS -i {without_query(url)}",
        evidence=f"HTTP {answer.status}, {answer.headers.get('Content-Type', 'no content type')}",
    )
