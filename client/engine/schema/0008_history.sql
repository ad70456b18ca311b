-- History since a time, for a device that slept: documents that came or went since then (seconds).
ALTER TABLE telling ADD COLUMN since INTEGER NOT NULL DEFAULT 0;
-- What is here already is known by its digest.
CREATE INDEX document_digest ON document (digest) WHERE digest IS NOT NULL;
