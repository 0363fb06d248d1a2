"""Turns what faces show and voices tell into decisions."""
