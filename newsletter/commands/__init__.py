"""What an operator does: one command a module."""

from __future__ import annotations


class Refused(Exception):
    """What was asked for cannot be done. The text says why, and what to do."""
