"""Finds speech in a soundtrack and scores the emotions in it."""
