"""Signing in from a notebook, in Jupyter or Colab: a link, a box for what the browser ends at.

    import gemauth.notebook

    credentials = gemauth.notebook.login()                        # Colab's secret CLIENT_SECRET,
    credentials = gemauth.notebook.login("client_secret.json")    # or a file, or its content

    frontend.py      the notebook's page: what is shown and asked
    client_file.py   where the OAuth client comes from
    signing_in.py    login()

The kernel's machine is seldom the browser's, so the redirect goes to a loopback address where
nothing listens, and the person pastes it (`client/flows/paste.py`; google-oauth.md 7.5). Public as
`gemauth.notebook`.
"""

from __future__ import annotations

from gemauth.client.notebook.client_file import SECRET
from gemauth.client.notebook.signing_in import login

__all__ = ["SECRET", "login"]
