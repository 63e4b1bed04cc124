"""What waits for each role, in the order of its urgency."""
