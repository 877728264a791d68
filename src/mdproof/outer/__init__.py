"""The outer pytest session: what its pages share, and their items."""
