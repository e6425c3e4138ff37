"""Players of a record: features, or groups of features that go together."""

from explainers.maskers.names import TableCut
from explainers.players import Players
from models.adapter import HasTable


def feature_players(model: HasTable, *, kind: TableCut) -> Players:
    """Partition the encoded elements of a record.

    All elements of one column (one-hot places, the missing flag) belong to one player.

    Args:
        model: Knows its columns and which element belongs to which.
        kind: "features"; "groups" puts correlated features together.
    """
    if kind == "groups":
        raise NotImplementedError
    columns = model.element_columns
    return Players(
        membership=columns,
        element_shape=(len(columns),),
        kind="feature",
        names=tuple(column.title for column in model.schema.columns),
    )
