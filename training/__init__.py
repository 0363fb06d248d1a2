"""Trains, exports and judges the two shipped models; no service imports anything from here."""
