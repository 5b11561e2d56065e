"""What any OAuth client and server agree on (the RFCs): messages in both directions. No I/O."""
