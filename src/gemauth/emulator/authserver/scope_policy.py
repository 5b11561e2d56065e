"""Which scopes the authorization endpoint grants, and which of them make an app need verification.

Data, because Google changes it. google-oauth.md section 0.1: the bare `generative-language` scope
is reported as not grantable [R]. That every scope beyond sign-in is sensitive is our choice.
"""

from __future__ import annotations

from gemauth.google import scopes

__all__ = ["FIRST_PARTY", "GRANTABLE", "SENSITIVE"]

NOT_GRANTABLE = frozenset({scopes.GEMINI})
GRANTABLE = scopes.KNOWN - NOT_GRANTABLE
SENSITIVE = GRANTABLE - frozenset(scopes.SIGN_IN)
# What gcloud's own clients still get: Google Cloud's scopes (google-oauth.md 7.1).
FIRST_PARTY = frozenset({*scopes.SIGN_IN, *scopes.GCLOUD_ADC, *scopes.GCLOUD_LOGIN})
