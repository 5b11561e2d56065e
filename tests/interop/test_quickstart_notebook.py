"""The OAuth quickstart as a notebook, cell by cell in a real kernel, under `gemauth emulator run`.

Its commands, libraries and URLs are those of Google's published notebook (quickstart/cells.py);
nothing is changed, and Colab's secrets are all that is stood in for.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gemauth.google.scopes import CLOUD_PLATFORM, RETRIEVER, TUNING
from tests.guard.packets import no_routes
from tests.interop.local_google import ADA, GRACE, PROJECT
from tests.interop.quickstart.cells import CELLS

if TYPE_CHECKING:
    from tests.interop.local_google import Google

pytestmark = pytest.mark.interop

COMMAND = Path(__file__).parents[2] / ".venv" / "bin" / "gemauth"
SESSION = Path(__file__).parent / "quickstart" / "session.py"
LIST_MODELS = "/google.ai.generativelanguage.v1beta.ModelService/ListModels"
MODEL = "models/gemini-2.5-flash"


def played(google: Google, folder: Path, account: str, form: dict[str, str], *how: str) -> Any:
    """Run the notebook and return each cell's output."""
    hidden = ("http_proxy", "https_proxy", "no_proxy")
    environ = {name: value for name, value in os.environ.items() if name.lower() not in hidden}
    owner = google.tokens(ADA, "cloud-platform")["access_token"]
    done = subprocess.run(
        [
            *(str(COMMAND), "emulator", "run", "--emulator", google.address, "--quiet"),
            *("--project", PROJECT, "--no-credentials", "--auto-consent", ADA, *how),
            *("--", sys.executable, str(SESSION), account),
        ],
        cwd=folder,
        env={**environ, "OWNER_TOKEN": owner},
        input=json.dumps(form),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("isolate", [False, True], ids=["run", "isolate"])
@pytest.mark.parametrize("gcloud", ["shim", "system"])
def test_notebook(google: Google, tmp_path: Path, gcloud: str, *, isolate: bool) -> None:
    """Every cell works as published: sign-in, gRPC, REST, a share, a key; each as who it should."""
    if gcloud == "system" and shutil.which("gcloud") is None:
        pytest.skip("gcloud is not installed")
    account = f"colab-{gcloud}-{'isolated' if isolate else 'run'}"
    robot = f"{account}@{PROJECT}.iam.gserviceaccount.com"
    tuned = google.tuned_model()
    form = {"model_name": tuned.removeprefix("tunedModels/"), "emailAddress": GRACE}
    before = max((entry["number"] for entry in google.control.requests()), default=0)

    away = no_routes()
    how = [f"--gcloud={gcloud}", *(["--isolate"] if isolate else [])]
    outputs = played(google, tmp_path, account, form, *how)

    assert no_routes() == away, "something tried to leave"
    assert len(outputs) == len(CELLS)
    _, login, _, by_grpc, by_rest, shared, by_key = outputs
    assert "Credentials saved to file" in login
    for listed in (by_grpc, by_rest, by_key):
        assert MODEL in listed
    assert f"{tuned}/permissions/" in shared
    assert google.roles(tuned)[GRACE] == "READER"

    seen = google.control.requests(after=before)
    person = {"credential": "user", "principal": ADA}
    key = {"credential": "service_account", "principal": robot}
    for wanted in (
        {"host": "iam.googleapis.com", "verb": "POST", "status": 200, **person},
        {"path": "/token", "grantType": "authorization_code", "status": 200, **person},
        {"path": "/token", "grantType": "refresh_token", "status": 200, **person},
        {"path": LIST_MODELS, "transport": "grpc", "grpcStatus": "OK", **person},
        {"path": "/v1/models", "transport": "http/1.1", "status": 200, **person},
        {"path": f"/v1beta/{tuned}/permissions", "verb": "POST", "status": 200, **person},
        {"path": LIST_MODELS, "transport": "grpc", "grpcStatus": "OK", **key},
    ):
        assert any(wanted.items() <= entry.items() for entry in seen), (wanted, seen)
    scopes = {
        entry["principal"]: set(entry["scopes"]) for entry in seen if entry["path"] == LIST_MODELS
    }
    assert scopes == {
        ADA: {CLOUD_PLATFORM, TUNING, RETRIEVER},
        robot: {CLOUD_PLATFORM, RETRIEVER},
    }
