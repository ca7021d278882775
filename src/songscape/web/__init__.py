"""The map in the browser, one offline file or served: it shows a finished atlas, computing nothing about music."""
