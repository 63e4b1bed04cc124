"""MapIt: zones as areas that other civic software can look up, without the web."""
