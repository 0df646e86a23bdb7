"""The command line: one module per family of commands, each with an `add_to(app)`."""
