-- Attached files: their keys and what is known of them; the files lie encrypted beside the vault. Ids and times as in 0001.

CREATE TABLE attachment (
    file_id     BLOB PRIMARY KEY,         -- name of the file beside the vault
    document_id BLOB,                     -- NULL: attached to nothing yet; also of a document that waits for a second person
    position    INTEGER NOT NULL,         -- in the document's list, from 0
    state       TEXT NOT NULL,            -- staged here coming lacking cancelled refused
    code        TEXT NOT NULL DEFAULT '', -- why it does not go on, or was refused
    file_name   TEXT NOT NULL,
    media_type  TEXT NOT NULL,
    size_bytes  INTEGER NOT NULL,
    sha256      BLOB NOT NULL,            -- of the plaintext
    pdfa        INTEGER NOT NULL,
    digest      BLOB NOT NULL,            -- of the stream that lies here or is fetched; of the document's where there is none
    key         BLOB,                     -- of that stream; NULL: nobody gave us one
    fetched     INTEGER NOT NULL,         -- 1: from the hub, which is to drop it when all of the unit have it
    blobs       INTEGER NOT NULL,         -- of the stream, with its index; 0: not known yet
    done        INTEGER NOT NULL,         -- of them written here, from the first on
    tries       INTEGER NOT NULL DEFAULT 0,
    next_at     INTEGER NOT NULL DEFAULT 0, -- when to fetch, or to ask siblings
    at          INTEGER NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX attachment_place ON attachment (document_id, position) WHERE document_id IS NOT NULL;
CREATE INDEX attachment_open ON attachment (next_at) WHERE state IN ('coming', 'lacking');

CREATE TABLE upload (                     -- streams on their way to the hub; they stay until nobody needs them there
    file_id     BLOB PRIMARY KEY,
    document_id BLOB NOT NULL,
    position    INTEGER NOT NULL,
    mailbox_id  BLOB NOT NULL,
    key         BLOB NOT NULL,
    digest      BLOB NOT NULL,
    shared      INTEGER NOT NULL,         -- 1: a stream of its own for our siblings, and its file goes afterwards
    state       TEXT NOT NULL,            -- going cancelled put unwanted over
    code        TEXT NOT NULL DEFAULT '',
    blobs       INTEGER NOT NULL,
    done        INTEGER NOT NULL,
    tries       INTEGER NOT NULL DEFAULT 0,
    next_at     INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX upload_document ON upload (document_id);

CREATE TABLE unwanted (                   -- blobs that the hub may delete
    name   BLOB PRIMARY KEY,
    secret BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE attachment_held (            -- which devices of the own unit have which file
    document_id BLOB NOT NULL,
    position    INTEGER NOT NULL,
    device_id   BLOB NOT NULL,
    PRIMARY KEY (document_id, position, device_id)
) WITHOUT ROWID;

CREATE TABLE attachment_answer (          -- siblings lack this file, and it may be our turn to give it
    document_id BLOB NOT NULL,
    position    INTEGER NOT NULL,
    due_at      INTEGER,                  -- NULL: somebody has answered
    at          INTEGER NOT NULL,
    PRIMARY KEY (document_id, position)
) WITHOUT ROWID;

-- What was stopped or taken back goes from the hub; what was receipted is the recipient's to drop.
CREATE TRIGGER upload_unwanted AFTER UPDATE OF state ON document WHEN NEW.state IN ('stopped', 'recalled')
    BEGIN UPDATE upload SET state = 'unwanted' WHERE document_id = NEW.document_id AND shared = 0; END;
CREATE TRIGGER upload_over AFTER UPDATE OF state ON document WHEN NEW.state IN ('available', 'registered', 'refused')
    BEGIN UPDATE upload SET state = 'over' WHERE document_id = NEW.document_id AND shared = 0; END
