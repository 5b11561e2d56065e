"""google-api-python-client, built of the emulator's discovery document: calls, errors, uploads."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import google.generativeai.client as genai_client
import pytest
from google.auth import jwt
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError
from googleapiclient.http import MediaIoBaseUpload

from tests.interop.local_google import ADA, GRACE, PROJECT
from tests.interop.test_google_auth import user

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.interop.local_google import Google, Requests

pytestmark = pytest.mark.interop


def service(google: Google, version: str = "v1beta", **options: Any) -> Any:
    """The API's client, made as its users make it: by the address of the discovery document."""
    return build(
        "generativelanguage",
        version,
        discoveryServiceUrl=google.address + "/$discovery/rest?version={apiVersion}",
        static_discovery=False,
        cache_discovery=False,
        **options,
    )


@pytest.fixture
def ada(google: Google) -> Iterator[Any]:
    """The API as Ada."""
    with service(google, credentials=user(google, google.tokens(ADA, "tuning"))) as api:
        yield api


class TestCalls:
    @pytest.mark.parametrize("version", ["v1", "v1beta", "v1alpha"])
    def test_models(self, google: Google, version: str) -> None:
        """Every version's document makes a client, and pages are followed."""
        credentials = user(google, google.tokens(ADA, "tuning"))
        with service(google, version, credentials=credentials) as api:
            names, request = [], api.models().list(pageSize=2)
            while request is not None:
                answer = request.execute()
                names += [model["name"] for model in answer["models"]]
                request = api.models().list_next(request, answer)
            listed = google.get("/v1beta/models?pageSize=1000")["models"]
            assert names == [model["name"] for model in listed]
            assert api.models().get(name=names[0]).execute()["name"] == names[0]

    def test_tuned_models(self, google: Google, ada: Any) -> None:
        """List, get, patch with a mask, delete; the server agrees."""
        name = google.tuned_model()
        listed = ada.tunedModels().list(pageSize=1000).execute()["tunedModels"]
        assert name in {model["name"] for model in listed}
        assert len(ada.tunedModels().list(pageSize=1).execute()["tunedModels"]) == 1
        body = {"description": "By the client", "displayName": "left out of the mask"}
        request = ada.tunedModels().patch(name=name, updateMask="description", body=body)
        assert request.execute()["description"] == "By the client"
        held = {model["name"]: model["resource"] for model in google.control.tuned_models()}
        assert held[name]["description"] == "By the client"
        assert held[name]["displayName"] != "left out of the mask"
        assert ada.tunedModels().operations().list(name=name).execute() == {}
        assert ada.tunedModels().delete(name=name).execute() == {}
        assert name not in {model["name"] for model in google.control.tuned_models()}

    def test_permissions(self, google: Google, ada: Any) -> None:
        """Shared, read, changed and taken back: what the server holds follows each step."""
        name = google.tuned_model()
        permissions = ada.tunedModels().permissions()
        grant = {"granteeType": "USER", "emailAddress": GRACE, "role": "READER"}
        made = permissions.create(parent=name, body=grant).execute()
        assert google.roles(name) == {ADA: "OWNER", GRACE: "READER"}
        assert permissions.get(name=made["name"]).execute() == made
        listed = permissions.list(parent=name).execute()["permissions"]
        assert {one["emailAddress"] for one in listed} == {ADA, GRACE}
        permissions.patch(name=made["name"], updateMask="role", body={"role": "WRITER"}).execute()
        assert google.roles(name)[GRACE] == "WRITER"
        permissions.delete(name=made["name"]).execute()
        assert google.roles(name) == {ADA: "OWNER"}
        ada.tunedModels().transferOwnership(name=name, body={"emailAddress": GRACE}).execute()
        assert google.roles(name)[GRACE] == "OWNER"

    def test_long_queries(self, ada: Any, requests_seen: Requests) -> None:
        """A query too long for a URL is posted as a form that means GET, and read as the query."""
        words = "a-word-that-no-model-has " * 200
        answer = ada.tunedModels().list(filter=words, pageSize=5).execute()
        assert answer == {}
        assert requests_seen.count("POST /v1beta/tunedModels 200") == 1

    def test_partial_answers(self, ada: Any) -> None:
        """The `fields` that the document declares are picked."""
        answer = ada.models().list(fields="models/name", pageSize=1).execute()
        assert list(answer) == ["models"]
        assert list(answer["models"][0]) == ["name"]


class TestCallers:
    def test_service_account(self, google: Google) -> None:
        """A service account calls with a JWT that it signed itself, for the API's own address.

        The JWT stands alone: with their credentials httplib2 would ask Google for the account's
        boundary, past every proxy, which a run's preload keeps it from.
        """
        key = google.service_account()
        name = google.tuned_model(owner=key["client_email"])
        audience = "https://generativelanguage.googleapis.com/"
        robot = jwt.Credentials.from_service_account_info(key, audience=audience)
        robot.refresh(None)
        with service(google, credentials=Credentials(robot.token)) as api:
            assert api.tunedModels().get(name=name).execute()["name"] == name

    def test_api_key(self, google: Google) -> None:
        """A developer key is enough for models."""
        with service(google, developerKey=google.api_key) as api:
            assert api.models().list().execute()["models"]

    def test_quota_project(self, google: Google) -> None:
        """The credentials' quota project is sent, and checked."""
        credentials = user(google, google.tokens(ADA, "tuning"))
        with service(google, credentials=credentials.with_quota_project(PROJECT)) as api:
            assert api.models().list().execute()["models"]
        nowhere = credentials.with_quota_project("no-such-project")
        with service(google, credentials=nowhere) as api, pytest.raises(HttpError) as caught:
            api.models().list().execute()
        assert caught.value.status_code == 403


class TestErrors:
    def test_details_and_the_older_list(self, google: Google, ada: Any) -> None:
        """The client reads the sentence, the details, and the older format's list."""
        with pytest.raises(HttpError) as caught:
            ada.models().get(name="models/gemini-0").execute()
        assert caught.value.status_code == 404
        assert "models/gemini-0 is not found" in caught.value.reason
        assert caught.value.error_details[0]["reason"] == "notFound"
        narrow = user(google, google.tokens(ADA, "email"))
        with service(google, credentials=narrow) as api, pytest.raises(HttpError) as caught:
            api.models().list().execute()
        assert "insufficient authentication scopes" in caught.value.reason
        assert b'"insufficientPermissions"' in caught.value.content
        assert b'"ACCESS_TOKEN_SCOPE_INSUFFICIENT"' in caught.value.content

    def test_names_are_checked_before_they_are_sent(self, ada: Any) -> None:
        """The document's patterns let the client refuse a name by itself."""
        with pytest.raises(TypeError, match="does not match the pattern"):
            ada.tunedModels().get(name="models/x")

    def test_what_is_not_implemented(self, ada: Any) -> None:
        """A method without a handler is in the document, and answers 501."""
        with pytest.raises(HttpError) as caught:
            ada.cachedContents().list().execute()
        assert caught.value.status_code == 501


class TestUploads:
    @pytest.mark.parametrize("resumable", [False, True])
    def test_upload(self, ada: Any, requests_seen: Requests, resumable: bool) -> None:  # noqa: FBT001
        """`media.upload` finds the upload path, in both protocols; the answer is 501 for now."""
        media = MediaIoBaseUpload(io.BytesIO(b"x" * 100_000), "text/plain", resumable=resumable)
        request = ada.media().upload(body={"file": {"displayName": "x"}}, media_body=media)
        with pytest.raises(HttpError) as caught:
            request.execute()
        assert caught.value.status_code == 501
        assert requests_seen.count("POST /upload/v1beta/files 501") == 1
        assert ada.models().list(pageSize=1).execute()["models"], "the connection is whole"

    def test_google_generativeai_reads_the_document(
        self, google: Google, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """`upload_file` makes its client of the document and comes as far as the upload.

        Its address of the document is fixed, and here another: it is Google's under the run.
        """
        url = f"{google.address}/$discovery/rest"
        monkeypatch.setattr(genai_client, "GENAI_API_DISCOVERY_URL", url)
        client = genai_client.FileServiceClient(client_options={"api_key": google.api_key})
        tmp_path.joinpath("x.txt").write_text("text")
        with pytest.raises(HttpError) as caught:
            client.create_file(tmp_path / "x.txt", mime_type="text/plain")
        assert caught.value.status_code == 501
