"""Keeping the city safe: findings of the doctor, backup and restore."""
