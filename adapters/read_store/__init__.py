"""Rows of read models beside the position they stand at, on SQLite and PostgreSQL alike. They can be thrown away."""
