"""The cases of commands: curl, Java's own clients, a browser."""

from __future__ import annotations

from tests.interop.clients.case import Case, Seen

__all__ = ["CASES"]

_ADA = "ada@example.com"
_MODELS = "https://generativelanguage.googleapis.com/v1beta/models"
_BY_ADA = Seen("GET", "/v1beta/models", credential="user", principal=_ADA)
_BEARER = '"Authorization: Bearer $(gcloud auth application-default print-access-token)"'

_CURL = (
    Case(
        "curl",
        "an API key",
        ("curl", "-sS", "--fail-with-body", _MODELS + "?key={key}"),
        (Seen("GET", "/v1beta/models", credential="api_key", transport="http/1.1"),),
        prints=("models/gemini-2.5-flash",),
        options=("--no-credentials",),
    ),
    Case(
        "curl",
        "a token that gcloud prints (gemauth's stand-in)",
        (
            "sh",
            "-c",
            f"curl -sS --fail-with-body -H {_BEARER} {_MODELS}",
        ),
        (
            Seen("POST", "/token", host=None, grant_type="refresh_token", principal=_ADA),
            _BY_ADA,
        ),
        prints=("models/gemini-2.5-flash",),
    ),
    Case(
        "curl",
        "HTTP/2 offered (`--http2`), HTTP/1.1 taken",
        ("curl", "-sS", "--http2", _MODELS + "?key={key}"),
        (Seen("GET", "/v1beta/models", credential="api_key", transport="http/1.1"),),
        prints=("models/gemini-2.5-flash",),
        options=("--no-credentials",),
    ),
    Case(
        "curl",
        "the token endpoint, a refresh token",
        ("sh", "{programs}/curl_refresh.sh"),
        (
            Seen(
                "POST",
                "/token",
                host="oauth2.googleapis.com",
                grant_type="refresh_token",
                principal=_ADA,
            ),
        ),
        prints=('"token_type": "Bearer"',),
    ),
    Case(
        "curl",
        "a proxy refused (`--noproxy '*'`)",
        ("curl", "-sS", "--noproxy", "*", _MODELS + "?key={key}"),
        (Seen("GET", "/v1beta/models", credential="api_key"),),
        prints=("models/gemini-2.5-flash",),
        options=("--no-credentials",),
        run="no: it asks for no proxy; `--isolate` reaches it",
    ),
)

_JAVA = tuple(
    Case(
        "Java",
        f"`{name}`",
        ("java", "{programs}/Models.java", word, "{key}"),
        (Seen("GET", "/v1beta/models", credential="api_key", transport="http/1.1"),),
        prints=("models/gemini-2.5-flash",),
        options=("--no-credentials",),
        needs="java",
    )
    for name, word in (
        ("HttpURLConnection", "URLConnection"),
        ("java.net.http.HttpClient", "HttpClient"),
    )
)

_CHROMIUM = (
    Case(
        "Chromium",
        "a sign-in page at accounts.google.com",
        ("sh", "{programs}/chromium.sh"),
        (
            Seen("GET", "/o/oauth2/v2/auth", host="accounts.google.com", status=303),
            Seen("GET", "/o/oauth2/signin/account", host="accounts.google.com"),
        ),
        prints=("ada@example.com",),
        options=("--no-credentials", "--auto-consent", _ADA),
        needs="chromium",
    ),
)

CASES = (*_CURL, *_JAVA, *_CHROMIUM)
