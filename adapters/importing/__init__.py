"""Import: any decision history into the log, by a declared mapping."""
