-- Finding documents again: their texts and labels, word by word. What is new is noted by the vault itself.

CREATE VIRTUAL TABLE document_text USING fts5 (document_id UNINDEXED, text, tokenize = "unicode61 remove_diacritics 0");

CREATE TABLE unindexed (document_id BLOB PRIMARY KEY) WITHOUT ROWID;
INSERT INTO unindexed SELECT document_id FROM document;
CREATE TRIGGER document_kept AFTER INSERT ON document BEGIN INSERT OR IGNORE INTO unindexed VALUES (new.document_id); END;

CREATE INDEX document_unread ON document (thread_id) WHERE direction = 'in' AND read_at IS NULL;
CREATE INDEX document_failed ON document (thread_id) WHERE direction = 'out' AND state IN ('refused', 'stopped');
