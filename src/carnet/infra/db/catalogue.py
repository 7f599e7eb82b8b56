"""What the database says of its own tables: the annotations law asks for, for the generated page and its tests."""

import msgspec
import psycopg

# ## Every table of ours, its key, whether it belongs to one space, and its annotation ##
_TABLES = """
SELECT n.nspname || '.' || c.relname,
  EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'one_space'),
  coalesce((SELECT array_agg(a.attname::text ORDER BY k.place) FROM pg_index i
            CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k(column_number, place)
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.column_number
            WHERE i.indrelid = c.oid AND i.indisprimary), '{}'),
  coalesce((SELECT array_agg(a.attname::text ORDER BY a.attnum) FROM pg_attribute a
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
              AND (a.attname LIKE '%\\_enc' OR a.attname IN ('sealed', 'wrapped'))), '{}'),
  coalesce(obj_description(c.oid, 'pg_class'), '')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND n.nspname IN ('carnet', 'vault') ORDER BY 1
"""


class TableNote(msgspec.Struct, frozen=True):
    """One table. of_one_space: row security narrows it. sealed: columns encrypted before they reach the database."""

    name: str
    of_one_space: bool
    key: tuple[str, ...]
    sealed: tuple[str, ...]
    comment: str

    def said(self, word: str) -> str:
        """Return what the annotation says after `word` ("pii", "retention" or "basis")."""
        parts = dict(part.partition(": ")[::2] for part in self.comment.split(" | "))
        return parts.get(word, "")


def table_notes(url: str) -> list[TableNote]:
    """Return every table of the database at `url`, by name."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(_TABLES).fetchall()
    return [TableNote(name, bound, tuple(key), tuple(sealed), comment) for name, bound, key, sealed, comment in rows]
