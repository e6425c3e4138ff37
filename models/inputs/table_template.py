"""A file to fill in: the model's columns, explained, with one example record."""

import csv
import io

from models.inputs.table_file import COMMENT
from models.schema import Column, TableSchema

_FIRST = (
    "One record a row below the header. Leave a cell empty where the value is not known. "
    f"Lines that begin with {COMMENT} are left out."
)


def template_csv(schema: TableSchema) -> str:
    """CSV text that `decode_table` reads: comments, header, medians and first categories.

    The comments say for each column what it is, its unit and range, or its categories.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([f"{COMMENT} {_FIRST}"])
    writer.writerows(
        [f"{COMMENT} {column.name}: {_explained(column)}"] for column in schema.columns
    )
    writer.writerow(schema.names)
    writer.writerow(_example(column) for column in schema.columns)
    return buffer.getvalue()


def _explained(column: Column) -> str:
    """Title, description, unit and what is allowed."""
    if column.kind == "category":
        unit = f" ({column.unit})" if column.unit else ""
        allowed = f"One of {', '.join(column.categories)}{unit}."
    else:
        number = "A whole number" if column.whole else "A number"
        unit = f" of {column.unit}" if column.unit else ""
        allowed = f"{number}{unit}, in the training data {column.low:.6g} to {column.high:.6g}."
    return f"{column.title}. {column.description} {allowed}"


def _example(column: Column) -> str:
    """The median, or the first category."""
    if column.kind == "category":
        return column.categories[0]
    middle = column.percentiles[len(column.percentiles) // 2]
    return f"{middle:.0f}" if column.whole else f"{middle:.6g}"
