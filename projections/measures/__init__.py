"""The fifteen measures: pure questions asked of rows, each answered with what it counted and what it left out."""
