"""Events as rows of PostgreSQL: the tables hold what is true now, one document each, whatever comes twice or late.

Each batch is one transaction; offsets are committed to Kafka after it, not in it. For what an event says decides whether it takes
the place of what is there (``plan``). Offsets beside the rows would be a second truth, which is wrong when the topic is made anew.
A withdrawal removes the document, and is kept as a row of ``withdrawn``.

The events of one document are in one partition. A lock for each partition, held by the transaction, keeps out a process that has
lost the partition and does not know it yet.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, LiteralString

import psycopg
from psycopg import conninfo, sql

from services.runtime.settings import SettingsError, load
from services.sinks.plan import FAILED, Order, Standing, make_plan
from services.sinks.settings import PostgresSettings
from services.sinks.sink import Arrival, AwayError, RefusedError
from services.sinks.tables import ROOT, TABLES, Column, Rows, Table, add_rows

LAYOUT = 1
"""Version of the tables' rules, kept in ``layout``. A new column of the event needs no new one: it is added at the start."""
_BYTES = 16 * 1024 * 1024
_CONNECT = {
    "connect_timeout": 10,
    "tcp_user_timeout": 30_000,  # a server that has gone without a word is noticed after half a minute
    "application_name": "stancewire-sink",
    "client_encoding": "UTF8",
}
_REFUSED = ("22", "23", "44", "54", "P0")
"""Classes of errors that a row causes: of its data, of a constraint, of a view's check, of a limit, of a trigger."""
_INDEXES = (
    ("documents", "published_at"),
    ("documents", "processing_received_at"),
    ("documents", "duplicate_cluster"),
    ("entities", "key"),
    ("entities", "watched"),
    ("issues", "watched"),
)
"""What people look up. All are bounded in length, as an index's entries have to be."""
_VIEW = """
CREATE OR REPLACE VIEW stands AS
SELECT s.document_id, s.number, d.published_at, d.source, d.url, d.title,
  CASE s.holder_kind WHEN 'entity' THEN h.name WHEN 'speaker' THEN s.holder_name ELSE 'the author' END AS holder,
  h.key AS holder_key, h.watched AS holder_watched,
  COALESCE(t.name, i.name) AS target, t.key AS target_key, COALESCE(t.watched, i.watched) AS target_watched,
  s.stance, s.basis, s.confidence,
  substr(CASE e.field WHEN 'title' THEN d.title ELSE d.text END, e.start::int + 1, (e."end" - e.start)::int) AS quote
FROM stances s
JOIN documents d ON d.id = s.document_id
JOIN stances_evidence e ON (e.document_id, e.stances_number, e.number) = (s.document_id, s.number, 1)
LEFT JOIN entities h ON (h.document_id, h.id) = (s.document_id, s.holder_entity)
LEFT JOIN entities t ON (t.document_id, t.id) = (s.document_id, s.target_entity)
LEFT JOIN issues i ON (i.document_id, i.id) = (s.document_id, s.target_issue)
"""
"""Who stands where, with names and the words of the first evidence. PostgreSQL's substr counts code points, as offsets do."""


class Postgres:
    """An open connection whose tables are there.

    Args:
        url: a connection string of libpq.
        password: where it is not in ``url``.
        schema: that the tables are in.
        most: events of a transaction.

    Raises:
        AwayError: no database answers, or it does not let us in. SettingsError: it cannot hold these tables.
    """

    seconds = 0.0
    size = _BYTES

    def __init__(self, url: str, password: str | None, schema: str, most: int) -> None:
        self.most = most
        self._schema = schema
        options: dict[str, Any] = _CONNECT | ({"password": password} if password is not None else {})
        try:
            self._connection = psycopg.connect(url, autocommit=True, prepare_threshold=None, **options)
        except psycopg.OperationalError as error:
            raise AwayError(f"PostgreSQL cannot be reached: {' '.join(str(error).split())[:300]}") from None
        try:
            with self._transaction():
                self._set_up()
        except psycopg.Error as error:
            self._connection.close()
            raise AwayError(f"the tables cannot be made: {_said(error)}") from None
        except SettingsError:
            self._connection.close()
            raise

    def write(self, arrivals: Sequence[Arrival]) -> int:
        """Bring the tables up to these events, in one transaction. Returns how many changed a row."""
        try:
            with self._transaction():
                return self._write(arrivals)
        except psycopg.Error as error:
            if (error.sqlstate or "")[:2] in _REFUSED or isinstance(error, psycopg.DataError):
                raise RefusedError(_said(error)) from None
            raise AwayError(f"PostgreSQL takes no rows: {_said(error)}") from None

    def flush(self) -> None:
        """Nothing: a transaction is safe when it ends."""

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._connection.transaction():
            # of the transaction, not of the session: a pooler may give each transaction another one
            self._execute("SELECT set_config('search_path', %s, true)", (self._schema,))
            yield

    def _execute(self, query: LiteralString | sql.Composed, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        cursor = self._connection.execute(query, values or None)
        return cursor.fetchall() if cursor.description else []

    def _lock(self, number: int) -> None:
        self._execute("SELECT pg_advisory_xact_lock(hashtext(%s), %s)", (self._schema, number))

    def _write(self, arrivals: Sequence[Arrival]) -> int:
        for partition in sorted({arrival.record.partition for arrival in arrivals}):
            self._lock(partition)
        ids = list({arrival.event.id for arrival in arrivals})
        there, withdrawn = self._standing(ids), self._withdrawn(ids)
        plan = make_plan(arrivals, there, withdrawn)
        if plan.stale:
            self._execute("DELETE FROM documents WHERE id = ANY(%s)", (plan.stale,))
        for identity, order in plan.withdrawn.items():
            self._execute(
                "INSERT INTO withdrawn VALUES (%s, %s, %s) ON CONFLICT (id) DO UPDATE "
                "SET received_at = EXCLUDED.received_at, enriched_at = EXCLUDED.enriched_at",
                (identity, *order),
            )
        self._copy(plan.wanted)
        return plan.changed

    def _standing(self, ids: list[str]) -> dict[str, Standing]:
        found = self._execute(
            "SELECT id, event_id, status, revision, processing_received_at, "
            "COALESCE(processing_enriched_at, processing_received_at) FROM documents WHERE id = ANY(%s)",
            (ids,),
        )
        return {
            identity: Standing(event_id, status in FAILED, revision, (received, made))
            for identity, event_id, status, revision, received, made in found
        }

    def _withdrawn(self, ids: list[str]) -> dict[str, Order]:
        found = self._execute("SELECT id, received_at, enriched_at FROM withdrawn WHERE id = ANY(%s)", (ids,))
        return {identity: (received, made) for identity, received, made in found}

    def _copy(self, arrivals: Iterable[Arrival]) -> None:
        rows: Rows = {}
        for arrival in arrivals:
            add_rows(arrival.event, rows, b"\\u0000" in (arrival.record.value or b""))
        for table in TABLES:
            if table.name not in rows:
                continue
            columns = sql.SQL(", ").join(map(sql.Identifier, table.names))
            statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), columns)
            with self._connection.cursor() as cursor, cursor.copy(statement) as copy:
                for row in rows[table.name]:
                    copy.write_row(row)

    def _set_up(self) -> None:
        """Make what is missing: the schema, tables, columns, indexes, the view."""
        [(encoding,)] = self._execute("SHOW server_encoding")
        if encoding != "UTF8":
            raise SettingsError(
                f"STANCEWIRE_POSTGRES_URL: the database has the encoding {encoding}; give one with the encoding UTF8"
            )
        self._lock(-1)
        if not self._execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", (self._schema,)):
            self._execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(self._schema)))
        there: dict[str, set[str]] = {}
        columns = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = %s"
        for table, column in self._execute(columns, (self._schema,)):
            there.setdefault(table, set()).add(column)
        self._check_layout(there)
        parents = {child.name: table for table in TABLES for child in table.children}
        for one in TABLES:
            missing = [column for column in one.columns if column.name not in there.get(one.name, ())]
            if one.name not in there:
                self._execute(_create(one, parents.get(one.name)))
            elif missing:
                added = sql.SQL(", ").join(sql.SQL("ADD COLUMN {}").format(_defined(column)) for column in missing)
                self._execute(sql.SQL("ALTER TABLE {} {}").format(sql.Identifier(one.name), added))
        for name, column in _INDEXES:
            names = map(sql.Identifier, (f"{name}_{column}", name, column))
            self._execute(sql.SQL("CREATE INDEX IF NOT EXISTS {} ON {} ({})").format(*names))
        self._execute(_VIEW)

    def _check_layout(self, there: dict[str, set[str]]) -> None:
        if "layout" not in there:
            if there:
                raise SettingsError(
                    f"STANCEWIRE_POSTGRES_NAMESPACE: the schema {self._schema} has tables that are not ours; name another one"
                )
            self._execute("CREATE TABLE layout (version integer NOT NULL)")
            self._execute("INSERT INTO layout VALUES (%s)", (LAYOUT,))
            self._execute(
                "CREATE TABLE withdrawn "
                "(id text PRIMARY KEY, received_at timestamptz NOT NULL, enriched_at timestamptz NOT NULL)"
            )
            return
        [(version,)] = self._execute("SELECT max(version) FROM layout")
        if version != LAYOUT:
            raise SettingsError(
                f"STANCEWIRE_POSTGRES_NAMESPACE: the tables in {self._schema} have the layout {version}, this release writes "
                f"{LAYOUT}; name another schema, and read the events again with a new --group"
            )


def _defined(column: Column) -> sql.Composed:
    return sql.SQL("{} {}").format(sql.Identifier(column.name), sql.SQL(column.type))


def _create(table: Table, parent: Table | None) -> sql.Composed:
    """A row goes with its parent's row, so all rows of a document go with it. Only keys may not be null: an older release leaves
    out what it does not know."""
    keys = {name: sql.SQL("text" if name == "document_id" else "integer") for name in table.keys}
    parts = [
        sql.SQL("{} {} NOT NULL").format(sql.Identifier(n), kind) for n, kind in keys.items() if table.keys != ROOT
    ]
    parts += [_defined(column) for column in table.columns]
    parts.append(sql.SQL("PRIMARY KEY ({})").format(_names(table.keys)))
    if parent is not None:
        parts.append(
            sql.SQL("FOREIGN KEY ({}) REFERENCES {} ({}) ON DELETE CASCADE").format(
                _names(table.keys[:-1]), sql.Identifier(parent.name), _names(parent.keys)
            )
        )
    return sql.SQL("CREATE TABLE {} ({})").format(sql.Identifier(table.name), sql.SQL(", ").join(parts))


def _names(columns: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))


def _said(error: psycopg.Error) -> str:
    """The database's first line, without its details, which repeat the row; it never has the password."""
    return " ".join((error.diag.message_primary or str(error)).split())[:300]


def open_sink() -> Postgres:
    """The sink that the settings describe. Raises AwayError, SettingsError."""
    settings = load(PostgresSettings)
    if settings.url is None:
        raise SettingsError(
            "STANCEWIRE_POSTGRES_URL is not set; give the database, such as postgresql://user@host/news"
        )
    url = settings.url.get_secret_value()
    try:
        conninfo.conninfo_to_dict(url)
    except psycopg.ProgrammingError:  # its message may have a part of the password
        raise SettingsError(
            "STANCEWIRE_POSTGRES_URL: not a connection string, such as postgresql://user@host/news"
        ) from None
    password = settings.password.get_secret_value() if settings.password else None
    return Postgres(url, password, settings.namespace, settings.batch_events)
