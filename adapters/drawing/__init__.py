"""Pictures of figures: SVG for pages, characters for terminals. Every picture has its table."""
