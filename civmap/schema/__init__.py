"""The database schema as a whole: every model, and the migrations that build it."""
