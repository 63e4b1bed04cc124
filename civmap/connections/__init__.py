"""What other programs need to connect: map styles, QGIS and QField projects, calendars, feeds of areas."""
