"""The loopback API of an open office."""
