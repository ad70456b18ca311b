"""A hub and nine desks of seven units on one machine that play a story through the real protocol."""
