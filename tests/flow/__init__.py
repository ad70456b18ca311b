"""Whole ways through the house with real processes."""
