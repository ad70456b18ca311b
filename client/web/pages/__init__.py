"""One module per page. A page asks commands and draws; it decides nothing."""
