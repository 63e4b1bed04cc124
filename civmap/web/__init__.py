"""The web application: pages and JSON over the same queries and actions."""
