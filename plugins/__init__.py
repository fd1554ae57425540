"""What Pelican loads: the magazine itself, then one plugin for each thing that shows it."""
