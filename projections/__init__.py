"""Read models folded from the log, and the questions asked of their rows. Nothing here touches the world."""
