-- Documents that two must answer for: they wait here until a second person has approved them. Ids and times as in 0001.

CREATE TABLE request (                    -- the same on every device of the unit; never changed
    document_id BLOB PRIMARY KEY,
    author      BLOB NOT NULL,            -- device that wrote it; it alone may send it
    unit_id     BLOB NOT NULL,            -- recipient
    thread_id   BLOB NOT NULL,
    salt        BLOB NOT NULL,
    body        BLOB NOT NULL,
    at          INTEGER NOT NULL,         -- when it was written
    queued_at   INTEGER                   -- when its author's device queued it
) WITHOUT ROWID;
CREATE INDEX request_thread ON request (thread_id);

CREATE TABLE decision (                   -- words on requests; only ever added, also before the request has come
    document_id BLOB NOT NULL,
    outcome     TEXT NOT NULL,            -- approved, declined, withdrawn
    device_id   BLOB NOT NULL,            -- who decided
    at          INTEGER NOT NULL,
    code        TEXT NOT NULL,            -- the rule that stood in the way
    reason      TEXT NOT NULL,
    approval    BLOB,                     -- the signed object of one who approved
    PRIMARY KEY (document_id, outcome, device_id)
) WITHOUT ROWID;

-- With a document that waits unsigned in the outbox: the second signature that it will carry.
ALTER TABLE document ADD COLUMN approval BLOB;
