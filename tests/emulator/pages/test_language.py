from __future__ import annotations

import pytest

from gemauth.emulator.pages.language import choose


@pytest.mark.parametrize(
    ("hl", "accept", "expected"),
    [
        (None, None, "en"),
        ("zh-TW", None, "zh-TW"),
        ("zh", "en", "zh-TW"),
        ("en-GB", "zh-TW", "en"),
        ("fr", "zh-TW", "zh-TW"),
        (None, "zh-TW,zh;q=0.9,en;q=0.8", "zh-TW"),
        (None, "en;q=0.5, zh-Hant;q=0.7", "zh-TW"),
        (None, "de, en;q=0.1, zh;q=0", "en"),
        (None, "fr, de", "en"),
        (None, "zh;q=high, en", "en"),
        (None, ",;=,", "en"),
    ],
)
def test_hl_then_the_browser_s_list(hl: str | None, accept: str | None, expected: str) -> None:
    """Hl goes before Accept-Language, whose weights count; what we do not speak is passed over."""
    assert choose(hl, accept) == expected
