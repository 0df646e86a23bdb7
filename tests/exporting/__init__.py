"""What is handed to other tools is what happened."""
