"""The offline basemap: shapes of the ground to vector tiles in one PMTiles file."""
