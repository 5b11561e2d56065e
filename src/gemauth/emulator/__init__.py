"""Google's side of the protocol on one's own machine: everything that answers."""
