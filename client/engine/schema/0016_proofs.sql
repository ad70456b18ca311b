-- Receipts as their devices signed them: what a device says to a new sibling of its documents, it shows.

CREATE TABLE proof (
    receipt_id BLOB NOT NULL UNIQUE,
    signed     BLOB NOT NULL,             -- the signed object
    at         INTEGER NOT NULL           -- when it came here
);
CREATE TABLE proven (                     -- which words for which documents of the unit stand in it
    document_id BLOB NOT NULL,
    status      TEXT NOT NULL,
    receipt_id  BLOB NOT NULL,
    PRIMARY KEY (document_id, status)
) WITHOUT ROWID;
CREATE INDEX proven_receipt ON proven (receipt_id);
ALTER TABLE early_receipt ADD COLUMN receipt_id BLOB NOT NULL DEFAULT x'';
