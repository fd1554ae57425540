"""What is claimed about speed, size and search quality, measured again with one command each."""
