"""Running Sluss: units, packages, containers, examples."""
