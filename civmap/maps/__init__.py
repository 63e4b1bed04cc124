"""The map page's frame: the one room that knows Folium."""
