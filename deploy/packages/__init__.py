"""Building packages: what goes into the hub's, what into the client's, and what must not."""
