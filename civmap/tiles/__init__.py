"""Vector tiles (MVT 2.1) over the mirror: everything once per zoom, as itself or in a cluster whose counts hold."""
