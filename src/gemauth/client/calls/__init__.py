"""Calls of an API as flows: one call and its retries, pages, streams, uploads, downloads."""
