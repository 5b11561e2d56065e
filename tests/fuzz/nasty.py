"""Hypothesis strategies: what programs with mistakes, and people with intent, put into requests."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "ACCOUNT",
    "PROJECT",
    "REDIRECT",
    "bodies",
    "documents",
    "few",
    "forms",
    "json_values",
    "query_of",
    "segments",
    "some",
    "texts",
]

ACCOUNT = "ada@example.com"
PROJECT = "fuzz-project"
REDIRECT = "http://127.0.0.1:51234/callback"

_QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]
some = settings(max_examples=120, deadline=None, suppress_health_check=_QUIET)
few = settings(max_examples=60, deadline=None, suppress_health_check=_QUIET)

NASTY = (
    "",
    " ",
    "\0",
    "\x7f",
    "\r\nX-Injected: 1",
    "../../etc/passwd",
    "%00",
    "%2F%2e%2E",
    "%",
    "-",
    "*",
    "\N{SUPERSCRIPT TWO}",
    "\N{ARABIC-INDIC DIGIT ONE}",
    "\N{SNOWMAN}",
    "\N{RIGHT-TO-LEFT OVERRIDE}",
    "\U0001f4a9",
    "-1",
    "1e999",
    "NaN",
    "9" * 30,
    "9" * 5000,
    "true",
    "null",
    "{}",
    "[[[[[[",
    '"',
    "';--",
    "<script>alert(1)</script>",
    "{{7*7}}{app}%s",
    "x" * 3000,
    "a@b",
    "@",
    "user:@",
    "http://[",
    "http://[::1]:99999/",
    "http://127.0.0.1:51234/#fragment",
    "https://user:secret@example.com/",
    "https://",
    "javascript:alert(1)",
    "urn:ietf:wg:oauth:2.0:oob",
    "openid",
    "https://www.googleapis.com/auth/generative-language",
    "ya29.emu-" + "A" * 43,
    "ya29.c.emu-" + "A" * 43,
    "1//emu-" + "A" * 43,
    "4/0Aemu-" + "A" * 43,
    "a.b.c",
    "e30.e30.",
    "e30.e30.AAAA",
    ".." * 3,
)

texts = st.sampled_from(NASTY) | st.text(max_size=12)
_unicode = (
    texts
    | st.sampled_from(["\ud800", "a\udfffb"])
    | st.text(st.characters(min_codepoint=0xD700, max_codepoint=0xE000), max_size=3)
)


def forms(
    good: Mapping[str, Sequence[str]], *, more: Sequence[str] = ()
) -> st.SearchStrategy[list[tuple[str, str]]]:
    """Return the pairs of forms that have good values, nasty ones, too many, or none."""
    pairs = [
        st.tuples(st.just(name), st.sampled_from(values) if values else texts)
        for name, values in good.items()
    ]
    right = st.tuples(*(st.none() | pair | pair | pair for pair in pairs))
    wrong = st.lists(st.tuples(st.sampled_from([*good, *more]) | texts, texts), max_size=3)
    return st.builds(
        lambda some, other: [pair for pair in (*some, *other) if pair is not None], right, wrong
    )


def query_of(pairs: Sequence[tuple[str, str]]) -> str:
    """Return pairs as a query string or form."""
    return "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in pairs)


def _quoted(text: str) -> str:
    return quote_plus(text, errors="surrogatepass")


def segments(good: Sequence[str]) -> st.SearchStrategy[str]:
    """Return segments of a path, percent-encoded in every way that a sender may choose."""
    some = st.sampled_from(good) if good else texts
    loose = texts.map(lambda text: quote(text, safe=":@*/", errors="surrogatepass"))
    return some | some | texts.map(lambda text: quote(text, safe="")) | loose


_names = st.sampled_from([
    "name", "projectId", "labels", "policy", "bindings", "role", "members", "etag", "accountId",
    "serviceAccount", "displayName", "description", "updateMask", "serviceIds", "permissions",
    "keyAlgorithm", "privateKeyType", "publicKeyData", "granteeType", "emailAddress", "tuningTask",
    "hyperparameters", "temperature", "topK", "readerProjectNumbers", "filter",
])  # fmt: skip
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([2**31, -(2**63), 10**400])
    | st.floats()
    | _unicode,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(_names | _unicode, inner, max_size=4)
    ),
    max_leaves=10,
)
_deep = st.builds(
    lambda opening, closing, depth, end: (opening * depth + "1" + closing * (depth * end)).encode(),
    st.sampled_from(["[", '{"a":', '{"labels":', '[{"a":']),
    st.sampled_from(["]", "}"]),
    st.sampled_from([50, 99, 101, 400, 900, 20_000]),
    st.sampled_from([0, 1]),
)


@st.composite
def documents(draw: st.DrawFn, good: Sequence[Mapping[str, Any]]) -> Any:
    """A good document with some of its values replaced, removed or added, or any JSON at all."""
    document: Any = json.loads(json.dumps(draw(st.sampled_from(good)))) if good else {}
    for _ in range(draw(st.integers(0, 3))):
        place: Any = document
        while True:
            inside = [key for key in _keys(place) if isinstance(place[key], dict | list)]
            if not inside or draw(st.booleans()):
                break
            place = place[draw(st.sampled_from(inside))]
        keys = _keys(place)
        replaces: bool = draw(st.booleans())
        if isinstance(place, list):
            place.append(draw(json_values))
        elif keys and replaces:
            place[draw(st.sampled_from(keys))] = draw(json_values)
        else:
            place[draw(_names | _unicode)] = draw(json_values)
    return document


def _keys(place: Any) -> list[Any]:
    return list(place) if isinstance(place, dict) else list(range(len(place)))


def bodies(good: Sequence[Mapping[str, Any]] = ()) -> st.SearchStrategy[bytes]:
    """Return bodies that should be JSON."""
    written = documents(good).map(lambda value: json.dumps(value).encode())
    anything = json_values.map(lambda value: json.dumps(value).encode())
    utf8 = documents(good).map(
        lambda value: json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
    )
    return written | written | utf8 | anything | _deep | st.binary(max_size=40)
