"""What communicators, editors and CI do with a magazine: check it, build it, look at it. `tasks.py` calls in here."""
