"""Keeping things: the database, its spatial index, the ledger and the stored answers."""
