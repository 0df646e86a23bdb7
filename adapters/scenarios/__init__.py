"""Scenarios: a charter, a history, and questions with one right answer."""
