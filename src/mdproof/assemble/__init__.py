"""From a guide to projects: files, each line's origin, dependencies."""
