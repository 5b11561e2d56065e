"""Service accounts and their keys, managed at IAM; `gemauth service-accounts` is built on this."""

from __future__ import annotations
