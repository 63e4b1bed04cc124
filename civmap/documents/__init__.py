"""The papers of the office: lists of problems, dispatch sheets, notices, the register."""
