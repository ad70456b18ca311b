-- What is asked whenever a document has come, and would otherwise read every document and every consent there is.

CREATE INDEX document_kind ON document (kind, direction);
-- Whether something that came lacks a diary number: the documents themselves, with their bodies, are not read for it.
CREATE INDEX document_came ON document (at, thread_id, document_id) WHERE direction = 'in' AND state = 'accepted';
CREATE INDEX thread_principal ON thread (principal) WHERE principal IS NOT NULL;
CREATE INDEX consent_supersedes ON consent (supersedes) WHERE supersedes IS NOT NULL;
-- The person's key in the record; NULL: kept by an older program.
ALTER TABLE consent ADD COLUMN principal TEXT;
CREATE INDEX consent_principal ON consent (principal);
