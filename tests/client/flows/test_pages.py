from __future__ import annotations

from gemauth.client.flows.pages import page


def test_text_is_text() -> None:
    """Titles and texts are escaped, and the page loads nothing."""
    html = page("<b>", "a & b <script>")
    assert "<h1>&lt;b&gt;</h1><p>a &amp; b &lt;script&gt;</p>" in html
    assert "src=" not in html
    assert "http:" not in html
