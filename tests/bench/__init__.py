"""Figures, each beside its baseline; run by make bench."""
