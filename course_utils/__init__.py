"""The helper package of the course."""
