"""Players of a record: features, or groups of features that go together."""

import numpy as np
import numpy.typing as npt

from explainers.feature_groups import feature_groups
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
    columns = model.element_columns
    if kind == "groups":
        groups = feature_groups(model)
        owner = np.empty(len(model.schema.columns), dtype=np.int32)
        for player, group in enumerate(groups):
            owner[list(group.columns)] = player
        return Players(
            membership=owner[columns],
            element_shape=(len(columns),),
            kind="feature group",
            names=tuple(group.name(model.schema.columns) for group in groups),
        )
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
    owners = np.empty(len(model.schema.columns), dtype=np.int32)
    owners[columns] = players.membership
    if (owners[columns] != players.membership).any():  # several wrote to one place
        raise MaskError("These players cut a column into parts; columns can only be kept whole.")
    return owners
