"""Where the hub keeps what it must keep: one protocol, real implementations, one set of contract tests."""
