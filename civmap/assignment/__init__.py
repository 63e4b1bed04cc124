"""Assignment: who answers for a spot, and why."""
