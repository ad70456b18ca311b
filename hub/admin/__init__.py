"""The operator's page: the hub in figures, on this machine only. It changes nothing."""
