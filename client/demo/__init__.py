"""A hub and five offices on one machine that play a story through the real protocol."""
