"""Players of a record: features, or groups of features that go together."""

import numpy as np
import numpy.typing as npt

from explainers.maskers.names import TableCut
from explainers.players import Players
from models.adapter import HasTable
from models.errors import MaskError


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


def column_players(players: Players, model: HasTable) -> npt.NDArray[np.int32]:
    """(F,) player of each column, -1 = nobody's.

    Raises:
        MaskError: the elements of a column belong to several players.
    """
    columns = model.element_columns
    _, first = np.unique(columns, return_index=True)
    owners = players.membership[first]
    if not np.array_equal(owners[columns], players.membership):
        raise MaskError("These players cut a column into parts; columns can only be kept whole.")
    return owners
