"""HTTP/1.1 over sockets of our own: bytes, connections, trust, and what their failures mean."""
