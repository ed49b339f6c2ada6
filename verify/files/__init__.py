"""Files: exact functions, networks, points and properties, written and read with care."""
