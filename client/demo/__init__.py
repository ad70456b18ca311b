"""A hub and ten desks of eight units on one machine that play a story through the real protocol."""
