"""The parts of the live server: what it answers, what it takes, what it refuses."""
