-- Who has seen an alarm: it is open no more, and what happens anew raises it anew.
ALTER TABLE alarm ADD COLUMN seen_at INTEGER;
ALTER TABLE alarm ADD COLUMN seen_by TEXT NOT NULL DEFAULT '';
