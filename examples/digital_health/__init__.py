"""An invented alliance in digital health: three years, 23 work streams, a reorganization, an acquisition."""
