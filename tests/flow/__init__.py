"""From the log to the rows and back to a reader, on real databases."""
