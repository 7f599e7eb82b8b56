"""How to, in plain words: public pages to read aloud, to print large, to hand over a counter."""
