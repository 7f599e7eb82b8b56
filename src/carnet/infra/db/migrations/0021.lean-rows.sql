-- What a list and a trace cost (docs/decisions/0012): measured, see docs/performance.md.
SET LOCAL search_path = carnet;

-- Sealed texts do not compress, and a row of document is read whole or in part but never without one of them: kept in
-- the row's own page, a list of twenty is twenty pages and not sixty look-ups in a side table.
ALTER TABLE document ALTER COLUMN resource_enc SET STORAGE EXTERNAL, ALTER COLUMN summary_enc SET STORAGE EXTERNAL;
ALTER TABLE document SET (toast_tuple_target = 8160);

-- One space's journal is read by its primary key; an index of every document ever listed cost a third of each trace.
DROP INDEX journal_entry_document;
