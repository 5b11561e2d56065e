from __future__ import annotations

import os
from pathlib import Path

import pytest

from gemauth.run.environment import Given, child_environment, difference

RUN = Path("/run")
GIVEN = Given("http://127.0.0.1:4711", RUN)


def child(parent: dict[str, str] | None = None, given: Given = GIVEN) -> dict[str, str]:
    """The environment of a run's program."""
    return child_environment(parent or {}, given)


def test_an_empty_parent() -> None:
    """Every variable that a run sets, with its value"""
    given = Given(
        "http://127.0.0.1:4711",
        RUN,
        project="my-project",
        credentials=RUN / "adc.json",
        auto_consent="ada@example.com",
        java=True,
    )
    bundle, local = "/run/bundle.pem", "localhost,127.0.0.1,::1"
    assert child({}, given) == {
        "BROWSER": "/run/bin/gemauth-browser",
        "CLOUDSDK_CONFIG": "/run/gcloud",
        "CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE": bundle,
        "CLOUDSDK_CORE_DISABLE_USAGE_REPORTING": "true",
        "CURL_CA_BUNDLE": bundle,
        "GCE_METADATA_HOST": "127.0.0.1:4711",
        "GCE_METADATA_IP": "127.0.0.1:4711",
        "GCE_METADATA_ROOT": "127.0.0.1:4711",
        "GEMAUTH_AUTO_CONSENT": "ada@example.com",
        "GEMAUTH_EMULATOR": "http://127.0.0.1:4711",
        "GEMAUTH_RUN": "/run",
        "GOOGLE_API_USE_CLIENT_CERTIFICATE": "false",
        "GOOGLE_APPLICATION_CREDENTIALS": "/run/adc.json",
        "GOOGLE_CLOUD_PROJECT": "my-project",
        "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH": bundle,
        "HTTPLIB2_CA_CERTS": bundle,
        "HTTPS_PROXY": "http://127.0.0.1:4711",
        "JAVA_TOOL_OPTIONS": "-Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=4711 "
        "-Dhttp.nonProxyHosts=localhost|127.*|[::1] "
        "-Djavax.net.ssl.trustStore=/run/truststore.p12 -Djavax.net.ssl.trustStoreType=PKCS12 "
        "-Djavax.net.ssl.trustStorePassword=changeit",
        "METADATA_SERVER_DETECTION": "none",
        "NODE_EXTRA_CA_CERTS": "/run/ca.pem",
        "NODE_OPTIONS": "--require /run/preload/node/preload.cjs",
        "NODE_USE_ENV_PROXY": "1",
        "NO_GCE_CHECK": "true",
        "NO_PROXY": local,
        "PATH": f"/run/bin:{os.defpath}",
        "PYTHONPATH": "/run/preload/python",
        "REQUESTS_CA_BUNDLE": bundle,
        "SSL_CERT_FILE": bundle,
        "grpc_proxy": "http://127.0.0.1:4711",
        "https_proxy": "http://127.0.0.1:4711",
        "no_grpc_proxy": local,
        "no_proxy": local,
    }


@pytest.mark.parametrize(
    "name",
    [
        "HTTP_PROXY",
        "http_proxy",
        "ALL_PROXY",
        "all_proxy",
        "GOOGLE_API_KEY",
        "GEMINI_API_KEY",
        "GOOGLE_APPLICATION_CREDENTIALS",
        "GOOGLE_CLOUD_QUOTA_PROJECT",
        "GOOGLE_GEMINI_BASE_URL",
        "GOOGLE_VERTEX_BASE_URL",
        "GCLOUD_PROJECT",
        "GOOGLE_CLOUD_UNIVERSE_DOMAIN",
        "GOOGLE_API_USE_MTLS_ENDPOINT",
        "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE",
        "CLOUDSDK_CORE_ACCOUNT",
        "CLOUDSDK_PROXY_ADDRESS",
        "CLOUDSDK_API_ENDPOINT_OVERRIDES_IAM",
        "GEMAUTH_AUTO_CONSENT",
    ],
)
def test_what_is_for_the_real_google_stays_outside(name: str) -> None:
    """Keys, accounts, projects and proxies of the parent's do not reach the program"""
    assert name not in child({name: "mine"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HOME", "/home/ada"),
        ("CLOUDSDK_PYTHON", "/usr/bin/python3"),
        ("GOOGLE_GENAI_USE_VERTEXAI", "true"),
        ("VIRTUAL_ENV", "/venv"),
        ("LANG", "C.UTF-8"),
    ],
)
def test_everything_else_is_handed_on(name: str, value: str) -> None:
    """The program's own settings reach it"""
    assert child({name: value})[name] == value


def test_api_keys_may_be_kept() -> None:
    """--keep-api-keys leaves both"""
    parent = {"GOOGLE_API_KEY": "a", "GEMINI_API_KEY": "b"}
    assert parent.items() <= child(parent, Given(GIVEN.address, RUN, keep_api_keys=True)).items()


@pytest.mark.parametrize(
    ("entries", "kept"),
    [
        ("", []),
        ("*", []),
        ("corp.example", ["corp.example"]),
        (" .corp.example , 10.0.0.0/8 ", [".corp.example", "10.0.0.0/8"]),
        ("localhost,build:8080", ["build:8080"]),
        ("googleapis.com", []),
        (".googleapis.com", []),
        ("*.google.com", []),
        ("oauth2.googleapis.com:443", []),
        ("US-central1-aiplatform.googleapis.com", []),
        ("metadata.google.internal,169.254.169.254", []),
        ("corp.example googleapis.com\t.google.com\nbuild", ["corp.example", "build"]),
        ("com", []),
        (".COM.", []),
        ("apis.com", []),
        ("oauth*", []),
        ("fe80::1", ["fe80::1"]),
        ("example.com", ["example.com"]),
    ],
)
def test_no_host_of_googles_goes_past_the_proxy(entries: str, kept: list[str]) -> None:
    """NO_PROXY keeps what matches no host of Google's, in the widest sense that a client has"""
    for name in ("NO_PROXY", "no_proxy", "no_grpc_proxy"):
        found = child({name: entries})
        assert found["NO_PROXY"] == found["no_proxy"] == found["no_grpc_proxy"]
        assert found["NO_PROXY"].split(",") == ["localhost", "127.0.0.1", "::1", *kept]


def test_what_loads_preloads_already_goes_on_doing_so() -> None:
    """PYTHONPATH, NODE_OPTIONS and JAVA_TOOL_OPTIONS of the parent's stand beside ours"""
    parent = {
        "PYTHONPATH": "/a:/b",
        "NODE_OPTIONS": "--max-old-space-size=100",
        "JAVA_TOOL_OPTIONS": "-Xmx1g",
    }
    found = child(parent, Given(GIVEN.address, Path("/a run"), java=True))
    assert found["PYTHONPATH"] == "/a run/preload/python:/a:/b"
    assert found["NODE_OPTIONS"] == (
        '--max-old-space-size=100 --require "/a run/preload/node/preload.cjs"'
    )
    assert found["JAVA_TOOL_OPTIONS"].startswith("-Xmx1g -Dhttps.proxyHost=127.0.0.1 ")
    assert '"-Djavax.net.ssl.trustStore=/a run/truststore.p12"' in found["JAVA_TOOL_OPTIONS"]


def test_a_folder_with_quotes_in_its_name() -> None:
    """As TMPDIR may have them: no Node would start"""
    found = child({}, Given(GIVEN.address, Path('/it\'s "a" run')))
    assert found["NODE_OPTIONS"] == ('--require "/it\'s \\"a\\" run/preload/node/preload.cjs"')


def test_java_is_told_only_where_there_is_one() -> None:
    """Without a Java on PATH its variable stays as it was: every Java prints it on stderr"""
    assert "JAVA_TOOL_OPTIONS" not in child()
    assert child({"JAVA_TOOL_OPTIONS": "-Xmx1g"})["JAVA_TOOL_OPTIONS"] == "-Xmx1g"


def test_java_too_keeps_no_host_of_googles_away() -> None:
    """What the parent lets pass by its own proxy would pass by the emulator; the last -D counts"""
    parent = {"JAVA_TOOL_OPTIONS": "-Dhttp.nonProxyHosts=*.googleapis.com"}
    options = child(parent, Given(GIVEN.address, RUN, java=True))["JAVA_TOOL_OPTIONS"].split()
    hosts = [option for option in options if option.startswith("-Dhttp.nonProxyHosts=")]
    assert hosts[-1] == "-Dhttp.nonProxyHosts=localhost|127.*|[::1]"


@pytest.mark.parametrize("name", ["GIT_SSL_CAINFO", "AWS_CA_BUNDLE", "NIX_SSL_CERT_FILE"])
def test_bundles_of_others_are_replaced_only_where_set(name: str) -> None:
    """What has no such variable keeps its own trust"""
    assert name not in child()
    assert child({name: "/corp.pem"})[name] == "/run/bundle.pem"


def test_a_machine_of_googles() -> None:
    """With a service account attached, programs look for the metadata server, whatever was set"""
    found = child({"NO_GCE_CHECK": "true"}, Given(GIVEN.address, RUN, metadata=True))
    assert "NO_GCE_CHECK" not in found
    assert "METADATA_SERVER_DETECTION" not in found
    assert found["GCE_METADATA_HOST"] == "127.0.0.1:4711"


def test_the_persons_browser_is_remembered() -> None:
    """Pages may open in the browser from before the run, also in a run inside a run"""
    assert child({"BROWSER": "firefox"})["GEMAUTH_RUN_BROWSER"] == "firefox"
    inner = child(child({"BROWSER": "firefox"}))
    assert inner["GEMAUTH_RUN_BROWSER"] == "firefox"
    assert "GEMAUTH_RUN_BROWSER" not in child(child({}))


def test_the_difference_is_what_a_shell_has_to_do() -> None:
    """New and changed variables with their values, and the names that must go"""
    parent = {"HOME": "/h", "HTTP_PROXY": "http://proxy", "PYTHONPATH": "/a"}
    changed, gone = difference(parent, child(parent))
    assert gone == ["HTTP_PROXY"]
    assert changed["PYTHONPATH"] == "/run/preload/python:/a"
    assert "HOME" not in changed
    assert list(changed) == sorted(changed)
