"""The life of a space: opened, found from an INS, its person, its keys, its settings. Families come later."""
