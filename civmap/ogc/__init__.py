"""OGC API – Features: our layers in the words of the standard, without the web."""
