"""The named edges: databases, Kafka, files, the command line, and the one place that builds."""
