"""From proofs to the site: the pages' proof lines, their banner, their foot."""
