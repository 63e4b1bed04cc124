"""Zones (责任区): frontages, grids, estates, communities, subdistricts."""
