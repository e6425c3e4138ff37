"""Records as people send them, for the tests of tables."""

from models.case import Case
from models.inputs.tabular import decode_table
from models.schema import TableSchema

HEADER = "age,meno,size,grade,nodes,pgr,er,hormon"
ROW = "54,1,20-50,3,2,41,61,0"
VALUES = [54, 1, 1, 1, 2, 41, 61, 0]
RECORD = dict(zip(HEADER.split(","), VALUES, strict=True)) | {"size": "20-50", "grade": 3}
PRIVATE = "7919"  # stands for a value: no sentence may quote it


def read(text: str | bytes, schema: TableSchema, row: int | None = None) -> Case:
    data = text.encode() if isinstance(text, str) else text
    return decode_table(data, name="upload.csv", schema=schema, row=row)


def with_cell(column: str, cell: str) -> str:
    """A table of one good record with one cell changed."""
    cells = dict(zip(HEADER.split(","), ROW.split(","), strict=True)) | {column: cell}
    return f"{HEADER}\n" + ",".join(cells.values())
