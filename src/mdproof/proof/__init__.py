"""From what ran to what is proven: credits, judgements, records."""
