"""The invented district 360199: planned from a seed and a day, then written into a fresh city."""
