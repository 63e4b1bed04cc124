"""From words to a place without the internet: roads, crossings, house numbers and names that the city itself knows."""
