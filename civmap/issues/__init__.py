"""Issues (问题): their life from report to strike-off, with deadlines in working time."""
