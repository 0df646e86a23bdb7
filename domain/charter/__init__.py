"""The charter language: its models, its compiler and the rules that come out of it."""
