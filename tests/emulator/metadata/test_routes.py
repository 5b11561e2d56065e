from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

from gemauth.emulator import app
from gemauth.emulator.metadata import answer as answers
from gemauth.emulator.metadata.service_account import Tokens
from gemauth.emulator.storage.records import MetadataServer
from gemauth.emulator.tokens import id_token
from gemauth.google.scopes import CLOUD_PLATFORM, GEMINI
from tests.emulator.conftest import ROBOT, ROBOT_ID
from tests.emulator.metadata.conftest import FLAVOR, V1

if TYPE_CHECKING:
    from httpx2 import Response

    from tests.emulator.metadata.conftest import Room

ACCOUNT = "instance/service-accounts/default/"


def test_programs_find_it(room: Room) -> None:
    """GET / lists the tree: the liveness probe of every client (google-oauth.md 5.6)."""
    found = room.get("/")
    assert (found.status_code, found.text) == (200, "computeMetadata/\n")
    assert found.headers["metadata-flavor"] == "Google"


@pytest.mark.parametrize("path", ["/", "project/project-id", "nothing", ACCOUNT + "token"])
def test_every_answer_has_the_headers(room: Room, path: str) -> None:
    """Refusals and errors carry them too; clients fail without a Content-Type."""
    for answer in (room.get(path), room.get(path, **{"X-Forwarded-For": "10.0.0.1"})):
        assert answer.headers["metadata-flavor"] == "Google"
        assert answer.headers["server"] == "Metadata Server for VM"
        assert answer.headers["etag"]
        assert answer.headers["content-type"]


@pytest.mark.parametrize("headers", [{}, {"Metadata-Flavor": "google"}, {"X-Google": "1"}])
def test_the_flavor_is_mandatory(room: Room, headers: dict[str, str]) -> None:
    """A request that a page or a proxy could be made to send is refused."""
    assert room.http.get(V1 + "project/project-id", headers=headers).status_code == 403


def test_proxies_are_refused(room: Room) -> None:
    """X-Forwarded-For means that somebody else asks."""
    for path in ("/", "project/project-id"):
        assert room.get(path, **{"X-Forwarded-For": "10.0.0.1"}).status_code == 403


def test_nothing_is_changed(room: Room) -> None:
    """Metadata is only read; a token bound to a certificate (POST) is not to be had."""
    assert room.http.post(V1 + ACCOUNT + "token", headers=FLAVOR).status_code == 405


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("project/project-id", "demo-project"),
        ("universe/universe-domain", "googleapis.com"),
        ("universe/universe_domain", "googleapis.com"),
        ("instance/attributes/", "cluster-name\n"),
        ("instance/attributes/cluster-name", "c1"),
        ("instance/service-accounts/", f"default/\n{ROBOT}/\n"),
        (ACCOUNT, "aliases\nemail\nidentity\nscopes\ntoken\n"),
        (ACCOUNT + "email", ROBOT),
        (ACCOUNT + "aliases", "default\n"),
        (ACCOUNT + "scopes", f"{CLOUD_PLATFORM}\n{GEMINI}\n"),
        (f"instance/service-accounts/{ROBOT}/email", ROBOT),
        ("", "instance/\nproject/\nuniverse/\n"),
        ("/computeMetadata/", "v1/\n"),
    ],
)
def test_text(room: Room, path: str, text: str) -> None:
    """Values and directories, as text."""
    answer = room.get(path)
    assert (answer.status_code, answer.text) == (200, text)
    assert answer.headers["content-type"] == "application/text"


def test_numbers_and_names(room: Room) -> None:
    """The rest of what programs ask a machine about itself."""
    number = room.get("project/numeric-project-id").text
    assert number.isdecimal()
    assert room.get("instance/zone").text.startswith(f"projects/{number}/zones/")
    assert room.get("instance/hostname").text.endswith(".c.demo-project.internal")
    assert room.get("instance/id").text.isdecimal()
    assert room.get("instance/name").text


def test_recursive(room: Room) -> None:
    """What google-auth reads of an account: aliases, email, scopes, as one JSON object."""
    answer = room.get(ACCOUNT + "?recursive=true")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {
        "aliases": ["default"],
        "email": ROBOT,
        "scopes": [CLOUD_PLATFORM, GEMINI],
    }
    whole = room.get("?recursive=true").json()
    assert whole["instance"]["serviceAccounts"][ROBOT]["email"] == ROBOT
    assert whole["project"]["projectId"] == "demo-project"


def test_a_directory_without_its_slash(room: Room) -> None:
    """It is moved to the form with a slash, and the query goes with it."""
    answer = room.get("instance/service-accounts/default?recursive=true")
    assert answer.status_code == 301
    assert answer.headers["location"] == V1 + ACCOUNT + "?recursive=true"
    assert room.get("/computeMetadata").headers["location"] == "/computeMetadata/"


@pytest.mark.parametrize(
    "path",
    [
        "nothing",
        "project/project-id/",
        "project//project-id",
        "instance/attributes/other",
        "instance/service-accounts/other@example.com/email",
        "/computeMetadata/v2/",
    ],
)
def test_not_found(room: Room, path: str) -> None:
    """What is not there is a page."""
    answer = room.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")


def test_a_page_shows_no_markup_of_the_path(room: Room) -> None:
    """A path is text on the page that says that it is not there."""
    assert "<script>" not in room.get("/computeMetadata/<script>").text


def token(answer: Response) -> str:
    """Return the token of an answer."""
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert body["token_type"] == "Bearer"
    assert 3000 < body["expires_in"] <= 3600
    return str(body["access_token"])


def test_on_compute_engine_scopes_that_are_asked_for_are_ignored(room: Room) -> None:
    """The token covers what the machine was made with (google-oauth.md 5.6)."""
    first = token(room.get(ACCOUNT + "token?scopes=https://www.googleapis.com/auth/drive"))
    assert token(room.get(f"instance/service-accounts/{ROBOT}/token")) == first


def test_on_cloud_run_they_count(room: Room) -> None:
    """There a program may ask for other scopes."""
    room.attach(platform="cloud-run")
    whole = token(room.get(ACCOUNT + "token"))
    assert token(room.get(f"{ACCOUNT}token?scopes={GEMINI},{CLOUD_PLATFORM}")) != whole


def test_identity(room: Room) -> None:
    """An id token for the audience, signed with the keys that verifiers fetch."""
    answer = room.get(ACCOUNT + "identity?audience=https://a.example.com&format=full")
    assert answer.status_code == 200
    with room.read() as tx:
        jwt = id_token.read(tx, room.clock.now(), answer.text)
    assert jwt is not None
    assert jwt.claims["aud"] == "https://a.example.com"
    assert (jwt.claims["email"], jwt.claims["sub"]) == (ROBOT, ROBOT_ID)
    instance = jwt.claims["google"]["compute_engine"]
    assert instance["project_id"] == "demo-project"
    assert instance["instance_id"] == room.get("instance/id").text
    standard = room.get(ACCOUNT + "identity?audience=a").text
    with room.read() as tx:
        jwt = id_token.read(tx, room.clock.now(), standard)
    assert jwt is not None
    assert "google" not in jwt.claims


@pytest.mark.parametrize(
    ("platform", "form", "shown"),
    [
        ("compute-engine", "standard", False),
        ("compute-engine", "full", True),
        ("cloud-run", "standard", True),
    ],
)
def test_whose_identity_is_shown(
    room: Room,
    platform: str,
    form: str,
    shown: bool,  # noqa: FBT001
) -> None:
    """On Compute Engine the address is in full tokens only, and programs that need it notice."""
    room.attach(platform=platform)
    text = room.get(f"{ACCOUNT}identity?audience=a&format={form}").text
    with room.read() as tx:
        jwt = id_token.read(tx, room.clock.now(), text)
    assert jwt is not None
    assert jwt.claims.get("email") == (ROBOT if shown else None)
    assert ("email_verified" in jwt.claims) is shown


@pytest.mark.parametrize("query", ["", "?audience=", "?format=full"])
def test_identity_needs_an_audience(room: Room, query: str) -> None:
    """Without one it is 400, with Google's words."""
    answer = room.get(ACCOUNT + "identity" + query)
    assert answer.status_code == 400
    assert "non-empty audience parameter required" in answer.text


def test_without_an_account(room: Room) -> None:
    """A machine without one lists none, and has no tokens."""
    room.attach(None)
    assert room.get("instance/service-accounts/").text == ""
    assert room.get(ACCOUNT + "token").status_code == 404
    assert room.get(ACCOUNT + "?recursive=true").status_code == 404
    assert room.get("project/project-id").text == "demo-project"


def test_without_a_machine(room: Room) -> None:
    """Where none is set programs find no metadata server."""
    room.remove(MetadataServer, "default")
    for path in ("/", "project/project-id", "instance/"):
        assert room.get(path).status_code == 404


def test_waiting_ends_with_the_change(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """wait_for_change answers when the value is another than the one whose ETag was given."""
    polls: list[float] = []

    async def sleep(seconds: float) -> None:
        polls.append(seconds)
        if len(polls) == 3:
            room.attach(attributes={"cluster-name": "c2"})

    monkeypatch.setattr("anyio.sleep", sleep)
    first = room.get("instance/attributes/cluster-name")
    query = f"?wait_for_change=true&last_etag={first.headers['etag']}"
    assert room.get("instance/attributes/cluster-name" + query).text == "c2"
    assert len(polls) == 3
    # One who has not seen the present value gets it at once.
    assert room.get("instance/attributes/cluster-name" + query).text == "c2"
    assert len(polls) == 3


def test_waiting_ends_with_the_time(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """timeout_sec ends it, and the emulator's own limit where that is longer or missing."""
    answer = room.get("instance/name?wait_for_change=true&timeout_sec=0")
    assert answer.status_code == 200
    # the package has a function of the module's name
    monkeypatch.setattr(sys.modules["gemauth.emulator.metadata.routes"], "LONGEST_WAIT", 0.05)
    for timeout in ("99999", "nonsense"):
        path = f"instance/name?wait_for_change=TRUE&timeout_sec={timeout}"
        assert room.get(path).text == answer.text


def test_what_is_not_there_is_not_waited_for(room: Room) -> None:
    """A path that does not exist is 404 at once."""
    assert room.get("instance/attributes/no?wait_for_change=true").status_code == 404


def test_the_home_page_stays(room: Room) -> None:
    """A browser at / sees the emulator's own page; a program sees the metadata server."""
    with TestClient(app.build(room.context), base_url="http://127.0.0.1:8085") as http:
        assert "gemauth emulator" in http.get("/").text
        assert http.get("/", headers=FLAVOR).text == "computeMetadata/\n"
        names = ("metadata.google.internal", "169.254.169.254", "METADATA.google.internal:80")
        for host in (*names, "metadata.google.internal.", "metadata.google.internal.:80"):
            assert http.get("/", headers={"Host": host}).text == "computeMetadata/\n"


def test_the_ledger_says_who(room: Room) -> None:
    """The server's own account of a token: whose it is and what it covers."""
    with room.context.ledger.open(
        0.0, transport="http/1.1", tls=False, host="h", verb="GET", path="/", agent=""
    ) as entry:
        found = answers.answer(room.context, Tokens(room.entropy), V1 + ACCOUNT + "token", {})
        assert json.loads(found.text)["access_token"]
    assert entry.principal == ROBOT
    assert entry.scopes == (CLOUD_PLATFORM, GEMINI)
