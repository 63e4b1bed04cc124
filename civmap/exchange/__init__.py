"""Exchange: tables and geodata in and out."""
