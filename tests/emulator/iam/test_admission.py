"""The order of admission, and what each step refuses (gemini-api.md sections 2 and 10)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from gemauth.emulator.iam import first_party, projects
from gemauth.emulator.iam.admission import Call, Caller, Carriers, admit
from gemauth.emulator.storage.hashing import digest
from gemauth.emulator.storage.records import ApiKey, EnabledService, Project, ServiceAccount
from gemauth.emulator.tokens import shape
from gemauth.google.endpoints import GEMINI_SERVICE
from gemauth.google.scopes import ANY_GEMINI, CLOUD_PLATFORM, TUNING
from gemauth.google.status import StatusError

if TYPE_CHECKING:
    from tests.emulator.conftest import Place

LIST = Call(
    GEMINI_SERVICE,
    "google.ai.generativelanguage.v1beta.ModelService.ListModels",
    ANY_GEMINI,
    takes_keys=True,
    needs_principal=False,
)
SHARE = replace(LIST, needs_principal=True)
IAM = Call("iam.googleapis.com", "google.iam.admin.v1.IAM.ListServiceAccounts", (CLOUD_PLATFORM,))


def refusal(place: Place, call: Call, carriers: Carriers) -> StatusError:
    """Return the error that a call ends with."""
    with place.context.store.read() as tx, pytest.raises(StatusError) as caught:
        admit(tx, place.clock.now(), call, carriers)
    return caught.value


def admitted(place: Place, call: Call, carriers: Carriers) -> Caller:
    """Return who a call lets in."""
    with place.context.store.read() as tx:
        return admit(tx, place.clock.now(), call, carriers)


def key(place: Place, *, account: str | None = None) -> str:
    """Make an API key of the project."""
    text = shape.standard_api_key(secrets.token_bytes)
    with place.write() as tx:
        tx.add(ApiKey(digest(text), secrets.token_hex(8), "demo-project", "", account, 0.0))
    return text


@dataclass(frozen=True)
class Case:
    """One refusal: what is sent, and what comes back."""

    carriers: Carriers
    call: Call
    http: int
    reason: str | None
    challenge: str | None = None


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(Case(Carriers(), LIST, 403, None), id="nothing sent: 403, not 401 (row 1)"),
        pytest.param(
            Case(Carriers(), IAM, 401, "CREDENTIALS_MISSING", "realm="),
            id="nothing sent to an API without keys (row 6)",
        ),
        pytest.param(
            Case(Carriers(api_key="AIzaNobody"), LIST, 400, "API_KEY_INVALID"),
            id="a key that nobody issued (row 2)",
        ),
        pytest.param(
            Case(Carriers(api_key="AIzaNobody"), IAM, 401, "CREDENTIALS_MISSING"),
            id="a key where no API keys are taken (row 3)",
        ),
        pytest.param(
            Case(
                Carriers(bearer="ya29.nobody"),
                LIST,
                401,
                "ACCESS_TOKEN_TYPE_UNSUPPORTED",
                'error="invalid_token"',
            ),
            id="a foreign token (row 5)",
        ),
        pytest.param(
            Case(Carriers(malformed=True), LIST, 401, "ACCESS_TOKEN_TYPE_UNSUPPORTED"),
            id="an Authorization header that is no Bearer",
        ),
    ],
)
def test_a_caller_without_a_good_credential_is_refused(place: Place, case: Case) -> None:
    """Each missing or bad credential is refused with its own status and reason."""
    error = refusal(place, case.call, case.carriers)
    assert error.status.code.http == case.http
    assert error.status.reason == case.reason
    if case.challenge:
        assert case.challenge in (error.www_authenticate or "")


def test_an_unsupported_token_has_no_domain(place: Place) -> None:
    """Both published bodies of row 5 leave `domain` out."""
    error = refusal(place, LIST, Carriers(bearer="x"))
    assert "domain" not in error.status.info


def test_an_expired_token_says_so(place: Place) -> None:
    """Row 4: 3599 seconds after its issue a token is ACCESS_TOKEN_EXPIRED."""
    token = place.token("owner@example.com")
    place.clock.advance(3599)
    assert refusal(place, LIST, Carriers(bearer=token)).status.reason == "ACCESS_TOKEN_EXPIRED"


def test_cloud_platform_alone_is_refused(place: Place) -> None:
    """Fact 0.1: the scope that quickstarts forget; the challenge lists the five that would do."""
    token = place.token("owner@example.com", CLOUD_PLATFORM)
    error = refusal(place, LIST, Carriers(bearer=token))
    assert (error.status.code.http, error.status.reason) == (403, "ACCESS_TOKEN_SCOPE_INSUFFICIENT")
    assert f'scope="{" ".join(ANY_GEMINI)}"' in (error.www_authenticate or "")


def test_scopes_come_before_the_project(place: Place) -> None:
    """A narrow token with an unknown quota project hears of its scopes first."""
    token = place.token("owner@example.com", CLOUD_PLATFORM)
    carriers = Carriers(bearer=token, quota_project="nowhere")
    assert refusal(place, LIST, carriers).status.reason == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"


def test_a_token_beside_a_key_is_too_much(place: Place) -> None:
    """A good token and a good key together: OVERLOADED_CREDENTIALS (google-oauth.md 0.2)."""
    carriers = Carriers(bearer=place.token("owner@example.com"), api_key=key(place))
    error = refusal(place, LIST, carriers)
    assert (error.status.code.http, error.status.reason) == (401, "OVERLOADED_CREDENTIALS")


def test_a_desktop_clients_project_pays_when_none_is_named(place: Place) -> None:
    """google-oauth.md 5.7: one's own client needs no quota project."""
    caller = admitted(place, LIST, Carriers(bearer=place.token("guest@example.com")))
    assert caller.project is not None
    assert caller.project.project_id == "demo-project"


def test_gclouds_client_needs_a_quota_project(place: Place) -> None:
    """Row 9: Google's shared client has no project that could pay."""
    token = place.token("owner@example.com", client_id=first_party.GCLOUD_CLIENT_ID)
    error = refusal(place, LIST, Carriers(bearer=token))
    assert error.status.reason == "SERVICE_DISABLED"
    assert error.status.info["metadata"]["consumer"] == "projects/764086051850"
    named = Carriers(bearer=token, quota_project="demo-project")
    assert admitted(place, LIST, named).project is not None


@pytest.mark.parametrize("name", ["cloudresourcemanager", "iamcredentials"])
def test_what_gclouds_client_calls_without_a_quota_project(place: Place, name: str) -> None:
    """Before it writes one gcloud asks Resource Manager; impersonation by its file names none."""
    token = place.token("owner@example.com", client_id=first_party.GCLOUD_CLIENT_ID)
    ask = replace(IAM, service=f"{name}.googleapis.com")
    caller = admitted(place, ask, Carriers(bearer=token))
    assert caller.project is not None
    assert caller.project.number == "764086051850"


def test_a_quota_project_wants_a_permission(place: Place) -> None:
    """Row 10: serviceusage.services.use, which the consumer role gives."""
    carriers = Carriers(bearer=place.token("guest@example.com"), quota_project="demo-project")
    assert refusal(place, LIST, carriers).status.reason == "USER_PROJECT_DENIED"
    place.grant("roles/serviceusage.serviceUsageConsumer", "user:guest@example.com")
    assert admitted(place, LIST, carriers).email == "guest@example.com"


def test_a_quota_project_may_be_named_by_number(place: Place) -> None:
    """The header takes an id or a number."""
    with place.context.store.read() as tx:
        number = next(p.number for p in tx.find(Project, project_id="demo-project"))
    carriers = Carriers(bearer=place.token("owner@example.com"), quota_project=number)
    assert admitted(place, LIST, carriers).project is not None


@pytest.mark.parametrize("deleted", [False, True], ids=["unknown", "being deleted"])
def test_an_unknown_or_deleted_quota_project_is_invalid(place: Place, *, deleted: bool) -> None:
    """Row 11."""
    token = place.token("owner@example.com")
    if deleted:
        with place.write() as tx:
            project = tx.get(Project, "demo-project")
            assert project is not None
            projects.delete_project(tx, project)
    name = "demo-project" if deleted else "nowhere"
    carriers = Carriers(bearer=token, quota_project=name)
    assert refusal(place, LIST, carriers).status.reason == "CONSUMER_INVALID"


def test_an_api_that_is_off_is_refused_with_the_way_to_enable_it(place: Place) -> None:
    """Row 8, with the activation link and the consumer's number."""
    token = place.token("owner@example.com")
    with place.write() as tx:
        tx.remove(EnabledService, "demo-project", GEMINI_SERVICE)
        project = tx.get(Project, "demo-project")
    assert project is not None
    error = refusal(place, LIST, Carriers(bearer=token))
    assert error.status.reason == "SERVICE_DISABLED"
    assert f"in project {project.number} before" in error.message
    links = [d["links"] for d in error.status.details if d["@type"].endswith("Help")]
    assert project.number in links[0][0]["url"]


def test_a_standard_key_names_a_project_and_no_principal(place: Place) -> None:
    """It may list models and may not share: row 3."""
    carriers = Carriers(api_key=key(place))
    assert admitted(place, LIST, carriers).email is None
    assert refusal(place, SHARE, carriers).status.reason == "CREDENTIALS_MISSING"


def test_an_auth_key_speaks_for_its_service_account(place: Place) -> None:
    """gemini-api.md section 2: requests run as the account, and end with it."""
    account_id = f"1{9:020}"
    carriers = Carriers(api_key=key(place, account=account_id))
    assert (admitted(place, SHARE, carriers).email or "").startswith("robot1@")
    with place.write() as tx:
        account = tx.get(ServiceAccount, account_id)
        assert account is not None
        tx.replace(replace(account, disabled=True))
    assert refusal(place, SHARE, carriers).status.reason == "API_KEY_INVALID"


@pytest.mark.parametrize(
    ("headers", "query", "expected"),
    [
        ({"authorization": "Bearer t"}, {}, Carriers(bearer="t")),
        ({"authorization": "bearer  t "}, {}, Carriers(bearer="t")),
        ({}, {"access_token": "t"}, Carriers(bearer="t")),
        ({}, {"oauth_token": "t"}, Carriers(bearer="t")),
        ({"x-goog-api-key": "k"}, {"key": "other"}, Carriers(api_key="k")),
        ({}, {"key": "k"}, Carriers(api_key="k")),
        ({"x-goog-user-project": "p"}, {}, Carriers(quota_project="p")),
        ({"authorization": "Basic eA=="}, {}, Carriers(malformed=True)),
        ({"authorization": "Bearer "}, {}, Carriers(malformed=True)),
        ({"x-goog-api-key": ""}, {}, Carriers()),
        ({}, {"key": "", "$userProject": "", "access_token": ""}, Carriers()),
    ],
)
def test_credentials_are_read_from_every_documented_place(
    headers: dict[str, str], query: dict[str, str], expected: Carriers
) -> None:
    """gemini-api.md section 2 lists the carriers."""
    assert Carriers.of(headers, query) == expected


def test_carriers_show_no_secret() -> None:
    """Neither token nor key appears in a repr, which tracebacks print."""
    assert "secret" not in repr(Carriers(bearer="secret-t", api_key="secret-k"))


def test_tuning_alone_may_list_models() -> None:
    """gemini-api.md section 3: models.list takes any of the five."""
    assert TUNING in LIST.scopes
