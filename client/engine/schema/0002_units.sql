-- Several devices in one unit: what they tell each other, and what they agree on. Ids and times as in 0001.

CREATE TABLE letter (                     -- unit-internal documents that not every sibling has receipted
    document_id BLOB PRIMARY KEY,
    salt        BLOB NOT NULL,
    body        BLOB NOT NULL,
    signed      BLOB,                     -- NULL until it is sealed for the first time
    seq         INTEGER,
    roster      BLOB NOT NULL DEFAULT x'', -- devices it was signed for, 16 bytes each
    carries     BLOB,                     -- document inside
    next_at     INTEGER NOT NULL,         -- when to seal and deposit (again)
    attempts    INTEGER NOT NULL DEFAULT 0,
    at          INTEGER NOT NULL
);
CREATE INDEX letter_next ON letter (next_at);

CREATE TABLE letter_receipt (             -- siblings that have a letter
    document_id BLOB NOT NULL,
    device_id   BLOB NOT NULL,
    PRIMARY KEY (document_id, device_id)
) WITHOUT ROWID;

CREATE TABLE letter_seen (                -- letters of siblings that took effect here
    document_id BLOB PRIMARY KEY,
    device_id   BLOB NOT NULL,
    seq         INTEGER NOT NULL,
    digest      BLOB NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX letter_seen_seq ON letter_seen (device_id, seq);

CREATE TABLE carried (                    -- which document an envelope brought, for siblings that could not open it
    envelope_id BLOB PRIMARY KEY,
    document_id BLOB NOT NULL,
    hour        INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE early_receipt (              -- receipts for documents of siblings whose copy has not come
    document_id     BLOB NOT NULL,
    status          TEXT NOT NULL,
    unit_id         BLOB NOT NULL,
    document_digest BLOB NOT NULL,
    code            TEXT NOT NULL,
    at              INTEGER NOT NULL,
    deposit_hour    INTEGER NOT NULL,
    PRIMARY KEY (document_id, status)
) WITHOUT ROWID;

CREATE TABLE setting (                    -- one value per name and target; the greater (counter, author, …) stays
    name    TEXT NOT NULL,                -- read, assigned, stand-in
    target  BLOB NOT NULL,                -- document, thread, device
    counter INTEGER NOT NULL,             -- Lamport's
    author  BLOB NOT NULL,                -- device that set it
    holder  BLOB NOT NULL,                -- device, or empty
    at      INTEGER NOT NULL,
    PRIMARY KEY (name, target)
) WITHOUT ROWID;

CREATE TABLE note (                       -- remarks on threads; only ever added
    note_id   BLOB PRIMARY KEY,
    thread_id BLOB NOT NULL,
    author    BLOB NOT NULL,
    at        INTEGER NOT NULL,
    text      TEXT NOT NULL
);
CREATE INDEX note_thread ON note (thread_id, at);

CREATE TABLE draft (
    draft_id BLOB PRIMARY KEY,
    counter  INTEGER NOT NULL,
    author   BLOB NOT NULL,
    at       INTEGER NOT NULL,
    form     BLOB NOT NULL                -- empty: thrown away
);

CREATE TABLE need (                       -- envelopes that siblings are asked about
    envelope_id BLOB PRIMARY KEY,
    noted_at    INTEGER NOT NULL,
    next_at     INTEGER NOT NULL,         -- when to ask (again)
    asked       INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

CREATE TABLE answer (                     -- what siblings asked about; kept a while so that nothing is told twice
    device_id   BLOB NOT NULL,
    envelope_id BLOB NOT NULL,
    due_at      INTEGER,                  -- NULL: answered
    at          INTEGER NOT NULL,
    PRIMARY KEY (device_id, envelope_id)
) WITHOUT ROWID;
CREATE INDEX answer_due ON answer (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE telling (                    -- history that is being told to a new sibling
    device_id BLOB PRIMARY KEY,
    after     INTEGER NOT NULL,           -- cursor: rowid of the last document told
    batches   INTEGER NOT NULL            -- still to tell before the sibling asks again
) WITHOUT ROWID;

CREATE TABLE untold (                     -- consents and withdrawals that siblings may not have
    n    INTEGER PRIMARY KEY,
    what TEXT NOT NULL,                   -- consent, withdrawal
    item BLOB NOT NULL                    -- parcel, signed object
);
-- By the vault itself: whoever keeps a consent or a withdrawal cannot forget to note it.
CREATE TRIGGER consent_kept AFTER INSERT ON consent BEGIN INSERT INTO untold (what, item) VALUES ('consent', new.parcel); END;
CREATE TRIGGER withdrawal_kept AFTER INSERT ON withdrawal BEGIN INSERT INTO untold (what, item) VALUES ('withdrawal', new.signed); END;
