"""Articles that people add: what may be added, how its text is read out of its file, and the folder that holds it."""
