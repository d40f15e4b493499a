"""Finds protocol modules and looks satellites up by any name."""
