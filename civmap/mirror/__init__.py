"""The city's rows in memory as arrays that follow every write: what tiles, clusters and legends are computed from."""
