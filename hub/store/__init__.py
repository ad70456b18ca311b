"""Durable storage of the hub behind one protocol."""
