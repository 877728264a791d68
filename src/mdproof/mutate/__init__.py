"""The proof of the proof: every block blanked, every line mutated, something must go red."""
