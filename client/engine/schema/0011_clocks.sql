-- Clocks that run: derived from threads, documents, consents and cards, and worked out anew when one of them changes.

CREATE TABLE running (
    subject     BLOB NOT NULL,            -- thread, consent, document, the person's key, or the own unit
    clock       TEXT NOT NULL,            -- row of casework's table
    begun_at    INTEGER NOT NULL,
    remind_at   INTEGER NOT NULL,         -- when a person is first reminded
    due_at      INTEGER NOT NULL,
    responsible BLOB NOT NULL,            -- unit whose turn it is; empty: both
    principal   TEXT,
    PRIMARY KEY (subject, clock)
) WITHOUT ROWID;
CREATE INDEX running_remind ON running (remind_at);

CREATE TABLE clock_card (                 -- the cards by which clocks were worked out
    unit_id BLOB PRIMARY KEY,
    digest  BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE diary (                      -- documents of others that this unit has registered
    document_id BLOB PRIMARY KEY
) WITHOUT ROWID;

CREATE TABLE clock_stale (                -- threads, and parts of the case, whose clocks are not worked out
    subject BLOB PRIMARY KEY
) WITHOUT ROWID;
INSERT INTO clock_stale SELECT thread_id FROM thread;
INSERT INTO clock_stale VALUES (CAST('consents' AS BLOB)), (CAST('closings' AS BLOB)), (CAST('support' AS BLOB)), (CAST('register' AS BLOB));
-- By the vault itself: whoever moves a thread or keeps a document cannot forget to note it.
CREATE TRIGGER clock_thread AFTER INSERT ON thread BEGIN INSERT OR IGNORE INTO clock_stale VALUES (new.thread_id), (CAST('support' AS BLOB)), (CAST('closings' AS BLOB)); END;
CREATE TRIGGER clock_event AFTER INSERT ON thread_event BEGIN INSERT OR IGNORE INTO clock_stale VALUES (new.thread_id); END;
CREATE TRIGGER clock_document AFTER INSERT ON document BEGIN INSERT OR IGNORE INTO clock_stale VALUES (CAST('register' AS BLOB)), (CAST('closings' AS BLOB)); END;
CREATE TRIGGER clock_consent AFTER INSERT ON consent BEGIN INSERT OR IGNORE INTO clock_stale VALUES (CAST('consents' AS BLOB)), (CAST('closings' AS BLOB)); END;
CREATE TRIGGER clock_withdrawal AFTER INSERT ON withdrawal BEGIN INSERT OR IGNORE INTO clock_stale VALUES (CAST('consents' AS BLOB)), (CAST('closings' AS BLOB)); END;
