"""Arrays → pictures. They show what stages found; they compute nothing about music."""
