"""The kinds of document, one declaration each."""
