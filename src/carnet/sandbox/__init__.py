"""What a country provides around a health space, played by programs: identity, post, people, care software.

Nothing here is part of the product: no other package imports it, except the command line in `config`.
"""
