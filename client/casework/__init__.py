"""The rules of the work as pure functions and data: no I/O, no clock, no secret."""
