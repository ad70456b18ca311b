"""What leaves an office as a file for people and other systems: pure, from what the engine holds."""
