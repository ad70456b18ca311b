"""What deploy/ ships: packages, units, containers, and its guide."""
