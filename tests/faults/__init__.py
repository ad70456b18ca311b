"""Faults to survive with nothing lost: the short forms are tests, the long ones stand behind ``make faults``."""
