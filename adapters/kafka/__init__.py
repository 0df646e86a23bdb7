"""What both ways of Kafka share: CloudEvents, the port to the client library, settings and tables."""
