"""Attackers, each with the defence that stops them."""
