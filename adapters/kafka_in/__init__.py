"""Ingests commands and reports from Kafka: each has its effect once, and is answered; what cannot be read is parked."""
