"""The tests of civmap."""
