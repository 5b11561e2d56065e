"""google-api-core: which exception each refusal of the API becomes, and what it tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import google.generativeai as genai
import pytest
import requests
from google.api_core import exceptions
from google.auth.credentials import Credentials

from gemauth.google.endpoints import GEMINI_SERVICE
from tests.interop.local_google import ADA, GRACE, PROJECT
from tests.interop.test_google_auth import user
from tests.interop.test_google_generativeai import sign_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.interop.local_google import Google

pytestmark = pytest.mark.interop

GCLOUD = "764086051850-6qr4p6gpi6hn506pt8ejuq83di341hur.apps.googleusercontent.com"


@pytest.fixture
def api_off(google: Google) -> Iterator[None]:
    """The Gemini API is off in the client's project for the time of the test."""
    google.control.disable_service(PROJECT, GEMINI_SERVICE)
    yield
    google.control.enable_service(PROJECT, GEMINI_SERVICE)


def refused(kind: type[exceptions.GoogleAPICallError]) -> exceptions.GoogleAPICallError:
    """Return what the SDK raises for a list of the models; it must be of that class."""
    with pytest.raises(kind) as caught:
        list(genai.list_models())
    assert type(caught.value) is kind
    return caught.value


def information(error: exceptions.GoogleAPICallError) -> dict[str, Any]:
    """Return the ErrorInfo that google-api-core has found in the answer."""
    return next(d for d in error.details if d["@type"].endswith("google.rpc.ErrorInfo"))


def test_scope(google: Google) -> None:
    """Too narrow a token is Forbidden, not PermissionDenied; ErrorInfo is among its details.

    Over REST google-api-core 2.33 keeps ErrorInfo as plain JSON, which its own `.reason` cannot
    read: nothing that a server sends changes that.
    """
    sign_in(google, user(google, google.tokens(ADA, "cloud-platform"), scopes=None))
    error = refused(exceptions.Forbidden)
    assert error.message.endswith("Request had insufficient authentication scopes.")
    assert error.code == 403
    with pytest.raises(AttributeError):
        _ = error.reason
    assert information(error) == {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
        "domain": "googleapis.com",
        "metadata": {
            "service": "generativelanguage.googleapis.com",
            "method": "google.ai.generativelanguage.v1beta.ModelService.ListModels",
        },
    }


def test_bad_token(google: Google) -> None:
    """A token that nothing can refresh is Unauthorized, not Unauthenticated."""

    class Fixed(Credentials):  # type: ignore[misc]  # google-auth has no types here
        """A bearer token and nothing to refresh it with."""

        def refresh(self, request: Any) -> None:
            """Do nothing: the token stays what it is."""

    fixed = Fixed()
    fixed.token = "ya29.emu-never-issued"
    sign_in(google, fixed)
    error = refused(exceptions.Unauthorized)
    assert "Request had invalid authentication credentials." in error.message
    assert error.code == 401
    assert error.response.headers["WWW-Authenticate"].startswith("Bearer realm=")


def test_api_off(google: Google, api_off: None) -> None:
    """An API that is off is Forbidden, with the project's number and where to switch it on."""
    number = google.control.project(PROJECT)["projectNumber"]
    sign_in(google, user(google, google.tokens(ADA, "tuning")))
    error = refused(exceptions.Forbidden)
    assert f"has not been used in project {number} before or it is disabled" in error.message
    assert information(error)["reason"] == "SERVICE_DISABLED"
    assert information(error)["metadata"]["consumer"] == f"projects/{number}"


def test_no_quota_project(google: Google) -> None:
    """A token of gcloud's own client has no project to count against, until one is named."""
    body = {"account": ADA, "clientId": GCLOUD, "scopes": ["tuning"]}
    answer = google.control.call("POST", "grants", body=body)
    gcloud = user(google, answer, client_id=GCLOUD, client_secret="public")
    sign_in(google, gcloud)
    error = refused(exceptions.Forbidden)
    assert "requires a quota project, which is not set by default" in error.message
    assert information(error)["metadata"]["consumer"] == "projects/764086051850"
    sign_in(google, gcloud.with_quota_project(PROJECT))
    assert list(genai.list_models())


def test_quota_project_of_another(google: Google) -> None:
    """Grace may not make Ada's project pay."""
    grace = user(google, google.tokens(GRACE, "tuning")).with_quota_project(PROJECT)
    sign_in(google, grace)
    error = refused(exceptions.Forbidden)
    assert f"Caller does not have required permission to use project {PROJECT}" in error.message
    assert information(error)["reason"] == "USER_PROJECT_DENIED"


def test_unknown_quota_project(google: Google) -> None:
    """A project that is not there is refused without telling more."""
    sign_in(google, user(google, google.tokens(ADA, "tuning")).with_quota_project("no-such-one"))
    assert information(refused(exceptions.Forbidden))["reason"] == "CONSUMER_INVALID"


def test_api_key(google: Google) -> None:
    """An unknown API key is BadRequest: 400, not 401."""
    genai.configure(
        api_key="AIzaEmuNobodysKey",
        transport="rest",
        client_options={"api_endpoint": google.address},
    )
    error = refused(exceptions.BadRequest)
    assert error.message.endswith("API key not valid. Please pass a valid API key.")
    assert information(error)["reason"] == "API_KEY_INVALID"


def test_unknown_field(google: Google) -> None:
    """A misspelt field is BadRequest in the transcoder's words, read by google-api-core itself."""
    name = google.tuned_model()
    token = google.tokens(ADA, "tuning")["access_token"]
    answer = requests.patch(
        f"{google.address}/v1beta/{name}?updateMask=displayName",
        json={"displaiName": "x"},
        headers={"Authorization": f"Bearer {token}"},
    )
    error = exceptions.from_http_response(answer)
    assert isinstance(error, exceptions.BadRequest)
    assert "Unknown name \"displaiName\" at 'tuned_model': Cannot find field." in error.message
    assert error.details[0]["@type"] == "type.googleapis.com/google.rpc.BadRequest"
