"""A new city from an OpenStreetMap extract: streets, road segments, candidate points, borders, land cover."""
