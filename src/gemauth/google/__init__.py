"""What only Google does: endpoints, scopes, credential files, errors, the API's schema. No I/O."""
