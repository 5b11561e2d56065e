"""Google's "Authentication with OAuth" quickstart for Gemini, step by step, without Google.

`make demo` runs it: each step is what a person would type, against gemauth's emulator, and each
result is checked. `make demo INTERACTIVE=1` leaves the sign-in to you and your browser.
"""

from __future__ import annotations

import base64
import json
import os
import signal
import stat
import sys
import time
from typing import TYPE_CHECKING

from stage import CheckError, Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

ADA, GRACE, EVE = "ada@example.com", "grace@example.com", "eve@example.com"
PROJECT = "gemini-quickstart"
API = "generativelanguage.googleapis.com"
MODEL = "tunedModels/haiku-writer"
ADC = "gcloud/application_default_credentials.json"  # below CLOUDSDK_CONFIG, as with gcloud


class Quickstart:
    """The steps in their order; each leaves the machine as the next one finds it."""

    def __init__(self, stage: Stage, *, interactive: bool = False) -> None:
        self.stage = stage
        self.interactive = interactive
        self.models: set[str] = set()
        self.robot = ""

    def steps(self) -> Sequence[Callable[[], None]]:
        """Return them all."""
        return (
            self.start,
            self.create_project,
            self.configure_consent_screen,
            self.create_client,
            self.sign_in,
            self.look_at_adc,
            self.list_models,
            self.list_models_with_requests,
            self.list_models_with_the_sdk,
            self.create_tuned_model,
            self.share_with_second_account,
            self.create_service_account,
            self.use_the_sdk_as_service_account,
            self.refuse_a_stranger,
            self.refuse_a_narrow_token,
            self.refuse_while_the_api_is_off,
            self.refuse_without_quota_project,
            self.refuse_after_revocation,
            self.stop,
        )

    # --- What the quickstart has you do in the Cloud console -------------------------------------

    def start(self) -> None:
        """Start the emulator: a local Google.

        It listens on this machine only, and enforces what Google does.
        """
        address = self.stage.start_emulator()
        status = json.loads(self.stage.gemauth("emulator status --format json", show=False).out)
        self.stage.check(status["projects"] == 0, f"it answers at {address}, and is empty", status)

    def create_project(self) -> None:
        """Create a project and enable the Gemini API.

        At Google: console.cloud.google.com. Accounts are made here too: nobody has a password.
        """
        gemauth = self.stage.gemauth
        for email, name in ((ADA, "Ada Lovelace"), (GRACE, "Grace Hopper"), (EVE, "Eve")):
            gemauth(f"emulator accounts create {email} --name '{name}'", show=False)
        gemauth(f"emulator projects create {PROJECT} --owner {ADA}")
        gemauth(f"emulator services enable {PROJECT} {API}", show=False)
        gemauth(f"emulator services enable {PROJECT} iam.googleapis.com", show=False)
        enabled = gemauth(f"emulator services list {PROJECT}").out
        self.stage.check(API in enabled, f"{API} is enabled in {PROJECT}")

    def configure_consent_screen(self) -> None:
        """Configure the OAuth consent screen and add test users.

        While the app is in Testing, only its test users may sign in, for seven days at a time.
        """
        gemauth = self.stage.gemauth
        gemauth(f"emulator consent-screen set {PROJECT} --app-name Haiku --support-email {ADA}")
        for email in (ADA, GRACE):
            gemauth(f"emulator test-users add {PROJECT} {email}", show=False)
        testers = gemauth(f"emulator test-users list {PROJECT}").out
        self.stage.check(
            ADA in testers and GRACE in testers and EVE not in testers,
            "Ada and Grace may sign in to the app while it is in Testing; Eve may not",
        )

    def create_client(self) -> None:
        """Create a desktop client and download client_secret.json.

        At Google only the console can do this, and it shows the secret this once.
        """
        self.stage.gemauth(f"emulator clients create {PROJECT} desktop --output client_secret.json")
        file = self.stage.folder / "client_secret.json"
        client = json.loads(file.read_text())["installed"]
        self.stage.check(
            client["client_id"].endswith(".apps.googleusercontent.com"),
            "the file is a desktop client's, in the console's own format",
        )
        self.stage.check(mode(file) == 0o600, "only you can read it")

    # --- Signing in, and using it ----------------------------------------------------------------

    def sign_in(self) -> None:
        """Sign in, and keep Application Default Credentials.

        No gcloud is needed. Without a browser on this machine, the address that a browser
        anywhere ends at is pasted back.
        """
        line = f"--client-id-file client_secret.json --account {ADA}"
        if self.interactive:
            self.stage.explain(f"Your browser opens now. Choose {ADA} and leave every box ticked.")
            self.stage.sign_in_with_browser(line)
        else:
            done, _ = self.stage.sign_in(ADA, line)
            self.stage.check(
                "NOT granted" not in done.err and "tuning" in done.err, "every scope was granted"
            )
        token = self.stage.gemauth("print-access-token").out
        self.stage.check(token.startswith("ya29."), "there is an access token")

    def look_at_adc(self) -> None:
        """See the ADC file that every Google library looks for."""
        file = self.stage.folder / ADC
        self.stage.command(f"ls -l {ADC}")
        self.stage.say(f"      {stat.filemode(file.stat().st_mode)} {ADC}", "2")
        self.stage.check(mode(file) == 0o600, "its mode is 0600: only you can read it")
        adc = json.loads(file.read_text())
        self.stage.check(
            adc["type"] == "authorized_user" and adc["account"] == ADA,
            f"its type is authorized_user, its account {ADA}",
        )

    def list_models(self) -> None:
        """List the models with gemauth."""
        listed = self.stage.gemauth("models list").out
        self.models = {line.split()[0] for line in listed.splitlines() if "models/" in line}
        self.stage.check("models/gemini-2.5-flash" in self.models, f"{len(self.models)} models")

    def list_models_with_requests(self) -> None:
        """List them with bare requests and the printed token."""
        done = self.stage.program("with_requests.py", piped="print-access-token")
        self.stage.check(set(done.out.split()) == self.models, "the same models")

    def list_models_with_the_sdk(self) -> None:
        """List them with the official google-generativeai SDK.

        It is unmodified. HTTPS_PROXY is the emulator, which refuses every tunnel: nothing that it
        sends to the real Google on its own gets there.
        """
        done = self.stage.program("with_the_sdk.py")
        self.stage.check(set(done.out.split()) == self.models, "the same models")

    # --- Sharing, and service accounts -----------------------------------------------------------

    def create_tuned_model(self) -> None:
        """Put a tuned model there, owned by Ada."""
        name = MODEL.removeprefix("tunedModels/")
        self.stage.gemauth(
            f"emulator tuned-models create {name} --owner {ADA} --project {PROJECT} "
            "--display-name 'Haiku writer'",
            show=False,
        )
        listed = self.stage.gemauth("tuned-models list").out
        self.stage.check(MODEL in listed, "Ada sees it")

    def share_with_second_account(self) -> None:
        """Share it with a second account."""
        self.stage.sign_in(GRACE, "--client-id-file client_secret.json --output grace.json")
        get = f"tuned-models get {MODEL} --credentials grace.json"
        refused = self.stage.gemauth(get, fails=True).err
        self.stage.check("permission to access" in refused, "before: Grace is refused")
        self.stage.check("gemauth share" in refused, "and told what its owner can do")
        self.stage.gemauth(f"share {MODEL} --user {GRACE} --role reader")
        got = self.stage.gemauth(get).out
        self.stage.check("Haiku writer" in got, "after: Grace reads it")

    def create_service_account(self) -> None:
        """Create a service account and a key, through the IAM API.

        The same paths as Google's, which has them at https://iam.googleapis.com.
        """
        iam = f"$GEMAUTH_EMULATOR/v1/projects/{PROJECT}/serviceAccounts"
        body = '{"accountId": "haiku-robot"}'
        made = self.stage.gemauth(f"request POST {iam} --data '{body}'").out
        self.robot = json.loads(made)["email"]
        self.stage.check(self.robot.endswith(f"@{PROJECT}.iam.gserviceaccount.com"), self.robot)
        answer = self.stage.gemauth(
            f"request POST {iam}/{self.robot}/keys --data '{{}}'", show=False
        )
        self.stage.explain("[its privateKeyData, decoded from base64, is the file key.json]")
        key = base64.b64decode(json.loads(answer.out)["privateKeyData"])
        file = self.stage.folder / "key.json"
        file.touch(0o600)
        file.write_bytes(key)
        self.stage.check(
            json.loads(key)["type"] == "service_account", "the key file is one, shown this once"
        )

    def use_the_sdk_as_service_account(self) -> None:
        """Use the SDK with the service account's key."""
        get = f"tuned-models get {MODEL} --credentials key.json"
        refused = self.stage.gemauth(get, fails=True).err
        self.stage.check("permission to access" in refused, "before: the robot is refused")
        self.stage.gemauth(f"share {MODEL} --user {self.robot} --role reader", show=False)
        done = self.stage.program("as_a_service_account.py", "key.json", MODEL)
        self.stage.check(
            done.out.count("'Haiku writer'") == 2,
            "after: it reads the model with an exchanged token and with a self-signed JWT",
        )

    # --- The refusals that teach -----------------------------------------------------------------

    def refuse_a_stranger(self) -> None:
        """Refused: an account that is not a test user."""
        refused, page = self.stage.sign_in(
            EVE, "--client-id-file client_secret.json --output eve.json", fails=True
        )
        self.stage.check(
            page is not None and (page.status, page.error) == (403, "access_denied"),
            "the page says 403 access_denied, and never redirects",
            page,
        )
        self.stage.check("test-users add" in refused.err, "gemauth says how test users are added")
        self.stage.check(not (self.stage.folder / "eve.json").exists(), "nothing was written")

    def refuse_a_narrow_token(self) -> None:
        """Refused: a scope that was left unticked on the consent page."""
        signed_in, _ = self.stage.sign_in(
            GRACE,
            "--client-id-file client_secret.json --output narrow.json",
            untick=["tuning"],
        )
        self.stage.check(
            "NOT granted  generative-language.tuning" in signed_in.err,
            "login says which box was left unticked",
        )
        refused = self.stage.gemauth("tuned-models list --credentials narrow.json", fails=True).err
        self.stage.check(
            "insufficient authentication scopes" in refused, "403 ACCESS_TOKEN_SCOPE_INSUFFICIENT"
        )
        self.stage.check("login --add-scopes" in refused, "and how to have it granted")

    def refuse_while_the_api_is_off(self) -> None:
        """Refused: the API is off in the project."""
        self.stage.gemauth(f"emulator services disable {PROJECT} {API}", show=False)
        refused = self.stage.gemauth("models list", fails=True).err
        self.stage.check("it is disabled" in refused, "403 SERVICE_DISABLED")
        advice = refused.partition("next: Enable it: gemauth ")[2].strip()
        self.stage.check(advice, "and how to enable it")
        self.stage.gemauth(advice)
        self.stage.check(self.stage.gemauth("models list", show=False).out, "as told, it works")

    def refuse_without_quota_project(self) -> None:
        """Refused: credentials of gcloud's own client, without a quota project.

        That client was given Gemini scopes until June 2025, and such files are still around. The
        emulator makes one.
        """
        self.stage.gemauth(
            f"emulator grants create {ADA} --scopes cloud-platform,tuning --output gcloud-adc.json",
            show=False,
        )
        old = "models list --credentials gcloud-adc.json"
        refused = self.stage.gemauth(old, fails=True).err
        self.stage.check("requires a quota project" in refused, "403: nobody pays for the call")
        self.stage.check("--quota-project" in refused, "and how to name a project")
        self.stage.check(
            self.stage.gemauth(f"{old} --quota-project {PROJECT}", show=False).out,
            f"with {PROJECT} as quota project it works",
        )

    def refuse_after_revocation(self) -> None:
        """Refused: credentials that were revoked."""
        self.stage.command(f"cp {ADC} copy.json")
        (self.stage.folder / "copy.json").write_bytes((self.stage.folder / ADC).read_bytes())
        self.stage.gemauth("revoke --yes")
        self.stage.check(not (self.stage.folder / ADC).exists(), "the ADC file is gone")
        refused = self.stage.gemauth("models list --credentials copy.json", fails=True).err
        self.stage.check("expired or revoked" in refused, "its copy opens nothing any more")
        self.stage.check("gemauth login" in refused, "and gemauth says to sign in again")

    def stop(self) -> None:
        """Stop the emulator."""
        self.stage.gemauth("emulator stop --data emulator-data")
        self.stage.check(self.stage.emulator_ended() == 0, "it ended cleanly")
        self.stage.check(not self.stage.emulator_log, "and met no defect", self.stage.emulator_log)


def mode(path: Path) -> int:
    """Return a file's permissions."""
    return stat.S_IMODE(path.stat().st_mode)


def main() -> int:
    """Perform the quickstart; return the exit code: 0 only if every check of every step held."""
    interactive = os.environ.get("INTERACTIVE", "") not in {"", "0"}
    stage = Stage(sys.stdout, os.environ)
    stage.say("The Gemini API's OAuth quickstart, with gemauth and without Google", "1")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # as at Ctrl-C: nothing is left behind
    with stage:
        stage.say(f"Everything happens in {stage.folder}, and is deleted at the end.")
        steps = Quickstart(stage, interactive=interactive).steps()
        try:
            for step in steps:
                stage.play(step)
        except CheckError as failure:
            stage.fail(failure)
            return 1
        except KeyboardInterrupt:
            stage.say("\nStopped.")
            return 130
        seconds = time.monotonic() - stage.started
    stage.say(
        f"\nAll {len(steps)} steps done, {stage.checked} results checked in {seconds:.1f} seconds.",
        "1;32",
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
