"""A month of a company's ordinary work, made up call by call, as the files of a trail; attacks can be hidden in it."""
