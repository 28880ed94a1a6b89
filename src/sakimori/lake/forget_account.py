"""Taking one account out of a log, as if it had never been there: for events that are nobody's."""

from sakimori.lake.compaction import retire
from sakimori.lake.log_reader import LogReader, Where
from sakimori.lake.log_writer import LogWriter, forget_digests
from sakimori.lake.table import Table


def forget_account(writer: LogWriter, reader: LogReader, table: Table, account: str, kind: str) -> int:
    """How many rows were taken out, with what was counted of the account and that its files were taken in.

    Readers that have listed a part go on reading it for an hour. What a kill leaves, a second run takes.
    """
    rows = retire(writer, reader.parts(table.name, Where(accounts=(account,))))
    with writer.manifest.begin() as connection:
        found = connection.execute("select digest from log_object where source = ? and account = ?", (kind, account))
        forget_digests(connection, kind, [digest for (digest,) in found.fetchall()])
        for gone in ("log_delivery", "log_proof", "log_contested"):
            connection.execute(f"delete from {gone} where table_name = ? and account = ?", (table.name, account))
    return rows
