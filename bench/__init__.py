"""Measures how fast a real house answers, beside floors measured in the same run (DESIGN §7). `python -m bench`."""
