"""The exercises: the engine (running, comparing, outcomes, exercise), a file per lesson, and their answers."""
