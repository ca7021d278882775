"""The map in the browser: one offline file, or the same page served. It shows a finished atlas and computes nothing new."""
