"""Medical histories written by us about people who do not exist: the files that care software deposits."""
