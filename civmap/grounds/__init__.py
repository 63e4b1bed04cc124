"""The grounds that may lie under the data: what the administrator's setting offers, as plain values."""
