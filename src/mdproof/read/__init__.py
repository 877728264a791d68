"""From Markdown to a guide: the site's own parser, blocks, rules, boxes."""
