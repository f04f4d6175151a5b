"""A real browser over real notebooks: the driver that browser tests and measurements share."""
