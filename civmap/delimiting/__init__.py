"""Delimiting (划界): frontage zones of a street, grids of a community."""
