"""What the tests share: databases, the town, the browser."""
