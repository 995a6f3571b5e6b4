"""Where facts come from: readers of files, which claim nothing themselves."""
