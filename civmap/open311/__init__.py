"""Open311 GeoReport v2: issues as service requests, without the web."""
