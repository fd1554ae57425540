"""What differs when the magazine is published."""

from pelicanconf import *  # noqa: F403

SITEURL = "https://medverkan.sundhamn.example"
