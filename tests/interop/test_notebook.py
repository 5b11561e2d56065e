"""`gemauth.notebook.login` in a real kernel: the link that it shows, the box that it opens.

The front end is this test, over Jupyter's messaging protocol: it sees what a page would show and
answers the kernel's request for input, as a person does who opened the link.
"""

from __future__ import annotations

import json
import os
import re
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from gemauth.run.consent import answer
from tests.interop.local_google import ADA

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.interop.local_google import Google

pytestmark = [pytest.mark.interop, pytest.mark.timeout(240)]

COLAB = Path(__file__).parent / "quickstart" / "colab"
LOGIN = "import gemauth.notebook\ncredentials = gemauth.notebook.login()"
LIST = "with gemauth.Gemini(credentials) as g: print([m.name for m in g.models.list()])"


class FrontEnd:
    """A kernel and the page before it."""

    def __init__(self, google: Google, folder: Path) -> None:
        self.google = google
        self.manager = KernelManager(kernel_name="python3")
        self.manager.start_kernel(cwd=str(folder), env=environment(folder))
        self.client = self.manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)
        self.html: list[str] = []
        self.prompts: list[str] = []
        self.printed = ""

    def close(self) -> None:
        """End the kernel."""
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)

    def run(self, code: str) -> dict[str, Any]:
        """Run a cell; the kernel's reply."""
        self.html, self.prompts, self.printed = [], [], ""
        reply: dict[str, Any] = self.client.execute_interactive(
            code, allow_stdin=True, timeout=90, output_hook=self.show, stdin_hook=self.ask
        )
        return reply["content"]  # type: ignore[no-any-return]

    def show(self, message: dict[str, Any]) -> None:
        """See an output."""
        content = message["content"]
        if message["msg_type"] == "display_data":
            self.html.append(content["data"]["text/html"])
        self.printed += content.get("text", "")

    def ask(self, message: dict[str, Any]) -> None:
        """Be asked: open the link in a browser, sign in as Ada, and paste where it ended."""
        self.prompts.append(message["content"]["prompt"])
        assert message["content"]["password"], "the page would save the answer with the notebook"
        while not self.html:  # a channel of its own, which the question may be ahead of
            self.show(self.client.get_iopub_msg(timeout=30))
        link = re.search(r'<a href="([^"]+)" target="_blank"', self.html[-1])
        assert link is not None
        self.client.input(answer(unescape(link[1]), ADA, self.google.address))


def environment(folder: Path, *paths: str) -> dict[str, str]:
    """Return a kernel's environment, with a home of its own."""
    return {
        **os.environ,
        "HOME": str(folder),
        "CLOUDSDK_CONFIG": str(folder / "gcloud"),
        "IPYTHONDIR": str(folder / "ipython"),
        "PYTHONPATH": os.pathsep.join((str(Path(__file__).parents[2] / "src"), *paths)),
        "COLAB_SECRETS": str(folder / "secrets"),
    }


@pytest.fixture
def folder(google: Google, tmp_path: Path) -> Path:
    """A notebook's folder with the client's file in it."""
    tmp_path.joinpath("client_secret.json").write_text(json.dumps(google.client_file))
    return tmp_path


@pytest.fixture
def page(google: Google, folder: Path) -> Iterator[FrontEnd]:
    """A notebook in a browser."""
    page = FrontEnd(google, folder)
    yield page
    page.close()


def test_a_notebook_signs_in(page: FrontEnd, folder: Path) -> None:
    """A link and a box; then the credentials are there, for gemauth and as ADC for everybody."""
    reply = page.run(LOGIN)
    assert reply["status"] == "ok", reply
    assert page.prompts == ["Address (or code): "]
    assert "Signed in" in page.html[-1]
    assert page.run(LIST)["status"] == "ok"
    assert "models/gemini" in page.printed
    kept = folder / "gcloud" / "application_default_credentials.json"
    assert json.loads(kept.read_text())["refresh_token"] not in "".join(page.html)


def test_a_cell_that_is_run_again_asks_nobody(page: FrontEnd) -> None:
    """The second run takes what is kept."""
    page.run(LOGIN)
    assert page.run(LOGIN)["status"] == "ok"
    assert page.prompts == []
    assert "Signed in already" in page.html[-1]


def converted(folder: Path, code: str, monkeypatch: pytest.MonkeyPatch, *paths: str) -> str:
    """Run a notebook as nbconvert does, where nobody can be asked; what its cell says."""
    for name, value in environment(folder, *paths).items():
        monkeypatch.setenv(name, value)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    runner = NotebookClient(
        notebook, timeout=90, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    )
    with pytest.raises(CellExecutionError) as caught:
        runner.execute()
    return str(caught.value)


def test_nobody_to_ask(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A notebook that is converted says how to sign in for it, in two steps."""
    told = converted(folder, LOGIN, monkeypatch)
    assert "UsageError" in told
    assert "--start" in told
    assert "--finish" in told


def test_colabs_secret(google: Google, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With `google.colab` there, the secret goes before the file: the wrong one is refused."""
    secrets = folder / "secrets"
    secrets.mkdir()
    secrets.joinpath("CLIENT_SECRET").write_text('{"type": "service_account"}')
    assert "a service account's key" in converted(folder, LOGIN, monkeypatch, str(COLAB))
    secrets.joinpath("CLIENT_SECRET").write_text(json.dumps(google.client_file))
    assert "nobody can be asked" in converted(folder, LOGIN, monkeypatch, str(COLAB))
