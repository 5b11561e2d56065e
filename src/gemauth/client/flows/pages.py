"""The pages that the loopback listener shows in the browser: plain, no script, no image."""

from __future__ import annotations

from html import escape

__all__ = ["page"]

_STYLE = (
    "body{font:1.05rem/1.5 system-ui,sans-serif;max-width:34rem;margin:12vh auto;padding:0 1.25rem;"
    "color:#1d2433;background:#fbfaf7}h1{font-size:1.35rem}"
    "@media(prefers-color-scheme:dark){body{color:#e7e5df;background:#15171c}}"
)


def page(title: str, text: str) -> str:
    """Return a whole HTML page; both arguments are plain text."""
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)} – gemauth</title><style>{_STYLE}</style>"
        f"<h1>{escape(title)}</h1><p>{escape(text)}</p></html>"
    )
