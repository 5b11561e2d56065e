"""The doctor's own transcripts: what Google answers, without a network."""

from __future__ import annotations

from email.utils import formatdate
from typing import TYPE_CHECKING, Any

from gemauth.client.cache import adc, grants
from gemauth.client.doctor.case import Case
from gemauth.client.doctor.examination import Report, examine
from gemauth.google.credentials import AuthorizedUser
from gemauth.google.scopes import DEFAULT
from tests.client.transcript import NOON, answer, play

if TYPE_CHECKING:
    from pathlib import Path

    from gemauth.http import Response

USER = AuthorizedUser(
    "12345-x.apps.googleusercontent.com", "GOCSPX-x", "1//0x", account="ada@x.org"
)
DATE = {"Date": formatdate(NOON, usegmt=True)}
EI = "type.googleapis.com/google.rpc.ErrorInfo"
TOKEN_SERVER = answer(400, DATE, error="invalid_request")


def refused(code: int, status: str, **info: Any) -> Response:
    """The API's error envelope."""
    details = [{"@type": EI, "domain": "googleapis.com", **info}] if info else []
    error = {"code": code, "status": status, "message": "No.", "details": details}
    return answer(code, DATE, error=error)


API_SERVER = refused(403, "PERMISSION_DENIED")


def case(home: Path, *, user: AuthorizedUser = USER, **members: Any) -> Case:
    """A machine with a sign-in at Google; its names resolve."""
    environ = {"HOME": str(home), **members.pop("environ", {})}
    adc.write(adc.well_known(environ), user)
    known = grants.Grant(DEFAULT, user.account or None, None, "demo")
    grants.remember(environ, user.refresh_token, known)
    members = {"resolve": lambda host: None, "platform": "linux", **members}
    return Case(environ, **members)


def examined(case_: Case, *lines: tuple[Any, Any]) -> Report:
    """The report of an examination that goes as the transcript says."""
    return play(examine(case_), *lines)
