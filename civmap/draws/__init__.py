"""Draws: which points are looked at: the blind draw by quota and seed, and points ranked by risk."""
