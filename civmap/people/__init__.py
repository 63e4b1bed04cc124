"""People: roles, scope, signing in and tokens; the one policy of who sees and may what."""
