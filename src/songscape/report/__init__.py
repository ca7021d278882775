"""Pictures and pages of a finished atlas. They read; they compute nothing about music."""
