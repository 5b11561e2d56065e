from __future__ import annotations

import pytest

from gemauth.emulator.front.connect import Refusal, Target, Way, way_to
from gemauth.google.hosts import EMULATED


def way(target: str, *, loose: bool = False) -> Way | Refusal:
    """Return where a CONNECT leads."""
    found = Target.of(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode())
    assert found is not None
    return way_to(found, tunnel_other_hosts=loose)


@pytest.mark.parametrize(
    ("target", "host", "port"),
    [
        ("oauth2.googleapis.com:443", "oauth2.googleapis.com", 443),
        ("OAuth2.GoogleAPIs.com.:443", "oauth2.googleapis.com", 443),
        ("127.0.0.1:1", "127.0.0.1", 1),
        ("[::1]:65535", "::1", 65535),
        ("[0:0:0:0:0:0:0:1]:80", "::1", 80),
        ("[::ffff:169.254.169.254]:80", "169.254.169.254", 80),
        ("[::ffff:a9fe:a9fe]:80", "169.254.169.254", 80),
    ],
)
def test_targets(target: str, host: str, port: int) -> None:
    """The authority form, in one spelling (RFC 9112 section 3.2.3)"""
    assert Target.of(f"CONNECT {target} HTTP/1.0\r\n\r\n".encode()) == Target(host, port)


@pytest.mark.parametrize(
    "line",
    [
        "CONNECT host HTTP/1.1",
        "CONNECT host: HTTP/1.1",
        "CONNECT host:0 HTTP/1.1",
        "CONNECT host:65536 HTTP/1.1",
        "CONNECT host:443",
        "CONNECT :443 HTTP/1.1",
        "CONNECT .:443 HTTP/1.1",
        "CONNECT http://host:443 HTTP/1.1",
        "CONNECT user@host:443 HTTP/1.1",
        "CONNECT host:443/path HTTP/1.1",
        "CONNECT [::g]:443 HTTP/1.1",
        "CONNECT [1.2.3.4]:443 HTTP/1.1",
        "CONNECT  host:443 HTTP/1.1",
        "CONNECT host\x00:443 HTTP/1.1",
        f"CONNECT {'a' * 256}:443 HTTP/1.1",
        "CONNECT host:443 HTTP/2.0",
    ],
)
def test_what_names_no_target(line: str) -> None:
    """Anything else is none"""
    assert Target.of(f"{line}\r\n\r\n".encode("latin-1")) is None


@pytest.mark.parametrize("host", sorted(EMULATED))
def test_emulated_hosts_end_here(host: str) -> None:
    """By TLS on 443; the metadata server without it on 80, as in a virtual machine"""
    assert way(f"{host}:443") is Way.TLS
    if host in {"metadata.google.internal", "169.254.169.254"}:
        assert way(f"{host}:80") is Way.PLAIN
        assert way(f"{host}:8080", loose=True) != Way.TUNNEL


@pytest.mark.parametrize("loose", [False, True])
@pytest.mark.parametrize(
    "target",
    [
        "storage.googleapis.com:443",
        "www.google.com:443",
        "oauth2.googleapis.com:80",
        "oauth2.googleapis.com.:8443",
        "generativelanguage.googleapis.com:8080",
        "foo.metadata.google.internal:80",
        "169.254.169.254:8080",
        "[::ffff:169.254.169.254]:8080",
        "x.googleusercontent.com:22",
    ],
)
def test_google_is_never_reached(target: str, *, loose: bool) -> None:
    """No port and no flag opens a tunnel to Google; the refusal is 502 and names the host"""
    refusal = way(target, loose=loose)
    assert isinstance(refusal, Refusal)
    assert refusal.status == 502
    assert refusal.to_bytes().startswith(b"HTTP/1.1 502 ")
    assert b"does not emulate" in refusal.to_bytes()


@pytest.mark.parametrize(
    "target",
    [
        "localhost:443",
        "app.localhost:443",
        "127.0.0.1:443",
        "127.8.8.8:443",
        "[::1]:443",
        "10.1.2.3:443",
        "192.168.1.1:443",
        "172.16.0.1:443",
        "[fe80::1]:443",
        "[fd00::1]:443",
        "example.com:80",
        "db.example.com:5432",
    ],
)
def test_this_network_and_other_ports_are_carried(target: str) -> None:
    """The program's own servers, and what is no https, are tunnelled (interception.md pitfall 3)"""
    assert way(target) is Way.TUNNEL


@pytest.mark.parametrize("target", ["example.com:443", "8.8.8.8:443", "[2001:4860:4860::8888]:443"])
def test_other_hosts_need_the_flag(target: str) -> None:
    """Without it 403 tells the flag's name; with it they are carried"""
    refusal = way(target)
    assert isinstance(refusal, Refusal)
    assert refusal.status == 403
    text = refusal.to_bytes().decode()
    assert "--tunnel-other-hosts" in text
    assert target in text.splitlines()[0]
    assert way(target, loose=True) is Way.TUNNEL
