"""The sample magazine's settings. Every key is explained in docs/operations.md."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # so that `pelican` alone finds the plugins too

from plugins.magazine.defaults import *  # noqa: F403

SITENAME = "Medverkan"
SITESUBTITLE = "Webbtidningen om samverkan mellan staden och civilsamhället"
SITEURL = "http://localhost:8000"
DEFAULT_LANG = "sv"

PUBLISHER = "Sundhamns stad"
OWN_HOSTS = ["medverkan.sundhamn.example"]  # where it is published: links to it are links to itself
CONTACT = "samverkan@sundhamn.example"
NEWSLETTER_URL = "/nyhetsbrev"  # where the service is on this host

CATEGORIES = [
    ("nyheter", "Nyheter"),
    ("stadsdelar", "Stadsdelar"),
    ("foreningsliv", "Föreningsliv"),
    ("pa-gang", "På gång"),
    ("omvarlden", "Omvärlden"),
    ("tankar", "Tankar"),
]
LIVE_ARTICLES = 20
MONTHS_OFF = (7,)

PATH = "content"
OUTPUT_PATH = "output"
