"""The helper package of the course; each module is about one thing."""
