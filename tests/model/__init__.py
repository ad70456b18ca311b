"""An explicit-state model of the protocol: every order of events within a bound, with the engine's own decisions."""
