-- The state of a thread is folded from its documents, so that documents that cross end alike at both ends.

-- what it does in its thread (steps.py), read out of the body once
ALTER TABLE document ADD COLUMN step BLOB;
-- applied, overtaken, void
ALTER TABLE document ADD COLUMN outcome TEXT NOT NULL DEFAULT 'applied';
-- from before: it has seen all that came here before it
UPDATE document SET step = x'';

CREATE TABLE thread_local (                  -- steps without a document, at this end only
    thread_id BLOB NOT NULL,
    n         INTEGER NOT NULL,
    event     TEXT NOT NULL,                 -- told: a colleague's word for the state
    side      TEXT NOT NULL,
    state     TEXT NOT NULL,                 -- of a colleague's word
    after     BLOB NOT NULL,                 -- the document behind which it happened
    at        INTEGER NOT NULL,
    PRIMARY KEY (thread_id, n)
) WITHOUT ROWID;

INSERT INTO thread_local SELECT e.thread_id, e.n, e.event, CASE e.event WHEN 'take' THEN 'mottagare' ELSE 'automatik' END,
    e.state, coalesce(e.document_id, (SELECT b.document_id FROM thread_event b WHERE b.thread_id = e.thread_id
        AND b.n < e.n AND b.document_id IS NOT NULL ORDER BY b.n DESC LIMIT 1), x''), e.at
    FROM thread_event e WHERE e.event IN ('take', 'consent_withdrawn', 'reject', 'told');
