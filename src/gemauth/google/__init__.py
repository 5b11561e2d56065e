"""What only Google does: endpoints, scopes, credential files, error envelopes, the API's schema. No I/O."""
