"""Coverage (覆盖检查): where the zones do not fit together, and what nobody answers for."""
