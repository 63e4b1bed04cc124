"""Taking files in as a conversation: examined, looked at, repaired, confirmed, and taken back as a whole."""
