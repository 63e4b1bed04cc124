"""The city itself: its name and frame, and the ground under everything: streets, buildings, water, green."""
