"""The newsletter: who subscribes, what is released, and how each mail reaches its reader once.

A process of its own. It knows the magazine only by what the published site says of itself: `/magazine.json`, and for
each issue `/utskick/YYYY-MM.json`.
"""
