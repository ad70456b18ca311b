-- Searching by the beginnings of words, newest first: short beginnings have lists of their own, and a text stands under the
-- number of its document, so that nothing has to be sorted. File names and notes are found too.

DROP TABLE document_text;
CREATE VIRTUAL TABLE document_text USING fts5 (text, tokenize = "unicode61 remove_diacritics 0", prefix = '1 2 3');
INSERT OR IGNORE INTO unindexed SELECT document_id FROM document;

CREATE TRIGGER attachment_named AFTER INSERT ON attachment WHEN NEW.document_id IS NOT NULL
    BEGIN INSERT OR IGNORE INTO unindexed SELECT document_id FROM document WHERE document_id = NEW.document_id; END;
CREATE TRIGGER attachment_given AFTER UPDATE OF document_id ON attachment WHEN NEW.document_id IS NOT NULL
    BEGIN INSERT OR IGNORE INTO unindexed SELECT document_id FROM document WHERE document_id = NEW.document_id; END;
-- A note is found by the newest document of its thread.
CREATE TRIGGER note_kept AFTER INSERT ON note
    BEGIN INSERT OR IGNORE INTO unindexed SELECT document_id FROM document WHERE thread_id = NEW.thread_id ORDER BY at DESC, rowid DESC LIMIT 1; END;
