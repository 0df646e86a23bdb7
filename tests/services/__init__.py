"""Real services for tests: databases and brokers that start on any machine and vanish with the tests."""
