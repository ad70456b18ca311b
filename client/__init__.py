"""The program at a desk: the rules of the work, the engine that keeps the vault, and the ways in to it."""
