"""The main job on real input, in under a minute: one alliance, one real history, and a check of ourselves."""
