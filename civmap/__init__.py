"""civmap: the map on which a civilised-city office runs its campaign."""

__version__ = "0.1.0"
