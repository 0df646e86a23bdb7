"""The pure core: what alliances say, the rules they live by, the facts that follow. Nothing here touches the world."""
