"""What cynosure promises to readers and writers: JSON Schemas and an AsyncAPI document, generated from the models."""
