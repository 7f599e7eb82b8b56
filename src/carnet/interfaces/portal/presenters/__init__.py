"""Turns facts of the domain into what a page shows: words, order, emphasis, addresses. One module per page.

Each module names exactly the facts it needs (its `…Facts` structs) and offers `present_…` functions: pure, no
database, no clock (the time is passed in), every text in the reader's language.
"""
