"""Pure geometry: values in, values out, metres on the ground, coordinates lon/lat."""
