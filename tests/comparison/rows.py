"""The rows: a feature, which of the field has it, and the tests that show that gemauth has it.

The peers' cells are of November 2026: their source or help text, where not run. `y` yes, `n` no,
`p` in part, `-` where it does not apply, `?` not settled.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["PEERS", "ROWS", "Row"]

PEERS = (
    "gcloud",
    "google-auth + oauthlib",
    "oauth2l",
    "pydata-google-auth",
    "azure-identity, az",
    "gh",
    "aws-vault, granted",
)


@dataclass(frozen=True, slots=True)
class Row:
    """One feature.

    Args:
        feature: what it is.
        peers: a mark for each of PEERS, separated by spaces.
        proofs: tests, as `folder/test_module.py::test` below tests/.
        note: what has to be said of gemauth's cell; why not, where it is no.
        mark: gemauth's.
    """

    feature: str
    peers: str
    proofs: tuple[str, ...]
    note: str = ""
    mark: str = "y"


_LOGIN = "cli/login/test_command.py"
_TWO_STEP = "client/login/test_two_step.py"
_END_TO_END = "client/login/test_end_to_end.py"
_LISTENER = "client/test_listener.py"
_SIGN_IN = "client/flows/test_sign_in.py"
_PASTE = "client/flows/test_paste.py"
_LOOPBACK = "client/flows/test_loopback.py"
_FILES = "client/cache/test_files.py"
_STAMPEDE = "client/sources/test_stampede.py"
_CHAIN = "client/sources/test_chain.py"
_SOURCES = "client/sources/test_files.py"
_PROFILES = "cli/test_profiles.py"
_REVOKE = "client/test_revoke.py"

ROWS = (
    Row("own Desktop client file, no Cloud CLI", "p y y y p n -", (f"{_LOGIN}::test_the_file",)),
    Row(
        "loopback on a free port",
        "y y y y y n y",
        (f"{_LISTENER}::test_any_port_is_one_that_is_free_on_both",),
    ),
    Row(
        "the caller may fix the port",
        "n y y n y - n",
        (f"{_LISTENER}::test_a_port_in_use_is_named",),
    ),
    Row(
        "the callback survives stray requests",
        "p n ? n y - ?",
        (
            f"{_LOOPBACK}::test_stray_requests_do_not_end_it",
            f"{_LISTENER}::test_everything_else_is_answered_and_forgotten",
        ),
    ),
    Row(
        "PKCE S256 by default",
        "y y y y y - y",
        (f"{_SIGN_IN}::TestBegin::test_the_request_asks_for_a_refresh_token_with_pkce",),
    ),
    Row(
        "state checked",
        "y y y y y - y",
        (f"{_SIGN_IN}::TestCodeOf::test_any_other_state_is_refused",),
    ),
    Row(
        "guard of ::1 on localhost",
        "n y n n n - -",
        (f"{_LISTENER}::test_nobody_else_gets_our_port_of_ipv6",),
    ),
    Row(
        "paste-back with one's own client, one machine",
        "n n n p p p p",
        (f"{_PASTE}::test_a_pasted_address", f"{_LOGIN}::test_pasted_through_a_pipe"),
    ),
    Row(
        "two-step sign-in (print, exit, finish)",
        "n n n n p n n",
        (f"{_END_TO_END}::test_two_steps", f"{_LOGIN}::test_in_two_steps"),
    ),
    Row(
        "device flow",
        "n n n n y y y",
        (),
        "Google's takes neither `cloud-platform` nor any scope of the Gemini API; the two-step "
        "sign-in is for the machines that it is made for",
        "n",
    ),
    Row(
        "notebooks, Colab",
        "p n n y n n -",
        (
            "client/notebook/test_signing_in.py::test_a_cell_that_signs_in",
            "client/notebook/test_client_file.py::test_colabs_secret",
        ),
        "Jupyter and Colab are played by stand-ins",
    ),
    Row("a sign-in ends in time", "y y y n y y y", (f"{_LOGIN}::test_timeout",)),
    Row(
        "scopes without cloud-platform",
        "n y y y - y -",
        ("client/login/test_one_step.py::test_options",),
    ),
    Row("short names of scopes", "n n y n - y -", ("google/test_scopes.py::test_short_names",)),
    Row(
        "partial consent kept and told",
        "p n p n - y -",
        (f"{_END_TO_END}::test_an_unticked_box", f"{_LOGIN}::test_not_granted"),
    ),
    Row(
        "more scopes later, same sign-in",
        "n n n n y y -",
        (f"{_END_TO_END}::test_later_the_box_is_ticked",),
    ),
    Row(
        "shows the refresh token's life, the seven days",
        "n n n n n - p",
        (f"{_LOGIN}::test_how_long",),
    ),
    Row(
        "writes the ADC file",
        "y n n n - - -",
        ("client/cache/test_adc.py::test_the_file_is_gclouds",),
    ),
    Row(
        "reads every type of ADC file",
        "y y p y - - -",
        (
            f"{_SOURCES}::TestOutside::test_a_workload",
            "interop/test_credential_sources.py::test_a_person_of_another_provider",
        ),
        "all but Google Distributed Cloud's (`gdch_service_account`), where the Gemini API is not, "
        "and federation with a client certificate, which takes mutual TLS: google-auth can, and a "
        "token of its own goes on with `--access-token-file`",
        "p",
    ),
    Row(
        "atomic write of credentials",
        "n - n n n ? y",
        (
            f"{_FILES}::test_a_failed_write_leaves_the_old_file",
            "crash/test_sign_ins.py::test_killed_while_the_file_is_written",
        ),
    ),
    Row(
        "0600 whatever the umask",
        "y n n n y y y",
        (
            f"{_FILES}::test_only_the_owner_may_read_it",
            f"{_STAMPEDE}::TestBadHomes::test_any_umask",
        ),
    ),
    Row(
        "the system's keyring",
        "n n n n y y y",
        ("client/cache/test_keyring.py::test_there_and_back",),
        "when asked for: `login --store keyring`; proved with backends of the package keyring, not "
        "with a desktop's daemon",
    ),
    Row(
        "a file instead of the keyring only when chosen",
        "- - - - y n y",
        (
            "client/cache/test_keyring.py::test_no_keyring_to_trust",
            "client/cache/test_keyring.py::test_a_keyring_that_never_answers",
        ),
    ),
    Row(
        "access tokens cached on disk",
        "p n y p y y y",
        ("cli/test_print_access_token.py::test_second_time_is_fast",),
    ),
    Row(
        "a lock across processes",
        "p n n n y n n",
        (f"{_STAMPEDE}::test_eight_processes_make_one_refresh",),
    ),
    Row(
        "one refresh for many threads",
        "? n - n p - -",
        (
            f"{_STAMPEDE}::test_one_process_without_a_cache_makes_one_refresh",
            f"{_STAMPEDE}::test_threads_and_loops_together",
        ),
    ),
    Row(
        "refresh before the end",
        "y y n y y - y",
        ("client/sources/test_cached.py::TestAhead::test_it_is_renewed_in_the_background",),
    ),
    Row("prints a token", "y n y y y y y", ("cli/test_print_access_token.py::test_refreshes",)),
    Row(
        "prints a header, runs curl",
        "n n y n p y -",
        ("cli/test_request.py::test_body_as_it_came",),
        "`gemauth request` sends the call itself; `gemauth exec --access-token` for curl",
    ),
    Row(
        "JSON with the expiry",
        "y n y n y p y",
        ("cli/test_print_access_token.py::test_for_programs",),
    ),
    Row(
        "runs a command with the credentials",
        "n n n n n n y",
        ("cli/test_exec.py::test_the_file_and_the_exit_code", "cli/test_exec.py::test_a_token"),
    ),
    Row(
        "credential helper protocol",
        "y p n n n y y",
        ("cli/test_credential_helper.py::test_git", "cli/test_credential_helper.py::test_docker"),
    ),
    Row(
        "local metadata server",
        "n n n n n n y",
        (
            "cli/test_serve_metadata.py::test_serves_until_it_is_ended",
            "interop/test_sdk_commands.py::test_serve_metadata",
        ),
    ),
    Row("several accounts", "p n p p y y y", (f"{_PROFILES}::test_list",)),
    Row(
        "a profile per command or environment",
        "y n n n y y y",
        (f"{_PROFILES}::test_every_command_takes_a_profile",),
    ),
    Row("token information", "n n y n p y p", ("cli/test_token_info.py::test_the_token_in_use",)),
    Row(
        "a test with an exit code",
        "n n y n n y p",
        ("cli/test_status.py::test_a_sign_in_that_is_over",),
    ),
    Row(
        "status with a live check",
        "n n n n p y p",
        ("cli/test_status.py::test_the_server_is_asked",),
    ),
    Row("doctor", "p n n n p n y", ("cli/test_doctor.py::test_a_fault",)),
    Row("revokes at the server", "y n n n n n p", (f"{_REVOKE}::test_both_halves",)),
    Row(
        "logging out clears the disk when offline",
        "n - y - y y y",
        (f"{_REVOKE}::test_the_file_goes_whatever_the_server_says",),
    ),
    Row("service account's key", "y y y y y - -", (f"{_CHAIN}::TestKey::test_googles_key",)),
    Row("self-signed JWT", "p y y n y - -", (f"{_SOURCES}::TestKey::test_self_signed",)),
    Row(
        "domain-wide delegation",
        "n y y n - - -",
        (f"{_SOURCES}::TestKey::test_domain_wide_delegation",),
    ),
    Row(
        "impersonation, delegates, lifetime",
        "y y p n y - y",
        (
            "client/sources/test_impersonated.py::test_the_chain",
            "cli/test_print_access_token.py::test_how_long_an_accounts_token_lives",
        ),
    ),
    Row(
        "workload identity federation",
        "y y n p y - y",
        ("interop/test_credential_sources.py::TestExternalAccount::test_a_command",),
        "by way of google-auth, which has to be installed",
    ),
    Row(
        "id tokens",
        "y y p n y - -",
        (
            "interop/test_identity_tokens.py::test_a_keys",
            "cli/test_print_identity_token.py::test_by_impersonation",
        ),
    ),
    Row(
        "quota project set and sent",
        "y p p n - - -",
        (
            "cli/test_set_quota_project.py::test_against_the_emulator",
            "client/test_credentials.py::test_a_request_is_authorized",
        ),
    ),
    Row(
        "proxy and CA settings",
        "y p p p y y y",
        (
            "client/test_transport.py::TestProxy::test_https_goes_through_the_proxy",
            "client/connections/test_trust.py::test_a_bundle_that_is_named",
        ),
    ),
    Row(
        "shell completion",
        "y n n n y y y",
        (
            "cli/test_completion.py::test_bash_commands",
            "cli/test_completion.py::test_zsh_offers_the_same",
            "cli/test_completion.py::test_fish_offers_the_same",
        ),
    ),
    Row(
        "no telemetry",
        "n p y y n ? y",
        ("interop/wire/test_wire_parity.py::test_what_a_client_sends",),
    ),
    Row(
        "a failure names the right next command",
        "p n n n y y p",
        (
            "test_advice.py::test_advice_can_be_followed",
            "client/flows/test_token_refusal.py::test_each_refusal_is_told_apart",
        ),
    ),
    Row("prompts on stderr, results on stdout", "y n n n y y y", (f"{_LOGIN}::test_for_programs",)),
    Row(
        "knows Gemini's scopes", "n n n n - - -", ("client/test_families.py::test_what_to_ask_for",)
    ),
    Row(
        "calls Gemini with a bearer token",
        "n p p n - - -",
        ("cli/test_end_to_end.py::test_sign_in_and_list",),
    ),
    Row("permissions of tuned models", "n n n n - - -", ("cli/test_end_to_end.py::test_share",)),
    Row("google-genai on the Developer API", "n n n n - - -", ("interop/test_sdk.py::test_genai",)),
    Row("httpx auth class", "n n - n p - -", ("interop/test_sdk.py::test_authorized",)),
    Row(
        "a fake server for one's own tests",
        "n n n n n n n",
        ("testing/test_plugin.py::test_a_test_has_an_emulator_of_its_own",),
    ),
    Row(
        "tokens kept out of its own output",
        "p y n n y y y",
        ("cli/test_secrets.py::test_no_secret_is_told",),
    ),
)
