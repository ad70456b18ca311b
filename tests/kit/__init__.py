"""Tools of the tests: a running hub, offices, and a hub that lies."""
