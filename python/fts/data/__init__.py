"""From raw prices to the processed file: sources, bars, indicators, tiers, checks. Knows nothing of labels, splits or models."""
