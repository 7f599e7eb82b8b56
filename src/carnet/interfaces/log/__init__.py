"""The public log of the journal: static, cacheable, without a word about anybody."""
