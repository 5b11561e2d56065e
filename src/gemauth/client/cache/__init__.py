"""What the client keeps on disk: credential files, access tokens, and what is known of a grant."""

from __future__ import annotations
