"""What holds between the parties of one alliance: a pure fold over its events, under the charter in force."""
