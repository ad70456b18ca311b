"""The command line of a handler."""
