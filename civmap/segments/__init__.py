"""Road segments (路段) and their chiefs (路长)."""
