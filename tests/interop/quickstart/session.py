"""What a person does before the notebook, then the notebook: all of it inside a run.

    python session.py SERVICE-ACCOUNT-ID [NOTEBOOK.ipynb] < FORM

The console's downloads become Colab's secrets: the OAuth client's file, and the key of a new
service account, made at the IAM API with the owner's token (OWNER_TOKEN).
"""

from __future__ import annotations

import base64
import os
import sys
from pathlib import Path

import requests

HERE = Path(__file__).parent
IAM = f"https://iam.googleapis.com/v1/projects/{os.environ['GOOGLE_CLOUD_PROJECT']}"


def made(path: str, body: dict[str, str], token: str) -> dict[str, str]:
    """Return what the IAM API has made."""
    answer = requests.post(
        f"{IAM}/{path}", json=body, headers={"Authorization": f"Bearer {token}"}, timeout=60
    )
    answer.raise_for_status()
    return answer.json()


def main(account_id: str, *notebook: str) -> None:
    """Prepare, and become the notebook."""
    token = os.environ.pop("OWNER_TOKEN")
    account = made("serviceAccounts", {"accountId": account_id}, token)
    key = made(f"serviceAccounts/{account['email']}/keys", {}, token)
    secrets = Path("secrets")
    secrets.mkdir(mode=0o700)
    client = Path(os.environ["GEMAUTH_RUN"], "client_secret.json").read_bytes()
    secrets.joinpath("CLIENT_SECRET").write_bytes(client)
    secrets.joinpath("SERVICE_ACCOUNT_KEY").write_bytes(base64.b64decode(key["privateKeyData"]))
    os.environ["COLAB_SECRETS"] = str(secrets.absolute())
    path = [str(HERE / "colab"), *filter(None, [os.environ.get("PYTHONPATH")])]
    os.environ["PYTHONPATH"] = os.pathsep.join(path)
    os.environ["PIP_NO_INDEX"] = "1"  # the package is there, and nothing else can be reached
    os.execv(sys.executable, [sys.executable, str(HERE / "notebook.py"), *notebook])  # noqa: S606


if __name__ == "__main__":
    main(*sys.argv[1:])
