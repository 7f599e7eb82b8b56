"""Telling people that something happened in their space: whom, through which channel, with which neutral words."""
