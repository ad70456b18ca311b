-- That a recipient has given a document a number says nothing of its effect there: noted apart from what receipts say.
CREATE TABLE told_number (                -- own documents of which the other unit has told a diary number
    document_id BLOB NOT NULL,
    unit_id     BLOB NOT NULL,            -- who told it
    PRIMARY KEY (document_id, unit_id)
) WITHOUT ROWID;
INSERT INTO told_number SELECT document_id, unit_id FROM document WHERE direction = 'out' AND state = 'registered';
UPDATE document SET state = 'sent', settled_at = NULL
    WHERE direction = 'out' AND state = 'registered' AND document_id IN (SELECT document_id FROM outbox);

-- What a third unit sent must not take the place of the word of the unit that it was written to.
DROP TABLE early_receipt;
CREATE TABLE early_receipt (              -- receipts for documents of siblings whose copy has not come
    document_id     BLOB NOT NULL,
    status          TEXT NOT NULL,
    unit_id         BLOB NOT NULL,
    document_digest BLOB NOT NULL,
    code            TEXT NOT NULL,
    at              INTEGER NOT NULL,
    deposit_hour    INTEGER NOT NULL,
    PRIMARY KEY (document_id, status, unit_id, document_digest)
) WITHOUT ROWID;
