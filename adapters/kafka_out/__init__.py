"""Publishes what the log holds, what became of messages, and how rows change, to Kafka, in order and resumable."""
