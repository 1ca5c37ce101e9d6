"""How many of a zone's roster an edition leaves out, by why; as fixed as the rest of what it was made of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column and its trigger; of editions that are there already nothing is known."""
    op.add_column("edition", sa.Column("left_out", sa.Text, nullable=False, server_default="{}"))
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER edition_left_out BEFORE UPDATE ON edition WHEN OLD.left_out IS NOT NEW.left_out "
            "BEGIN SELECT RAISE(ABORT, 'an edition may not be changed so'); END"
        )
    else:
        op.execute(
            "CREATE TRIGGER edition_left_out BEFORE UPDATE ON edition FOR EACH ROW "
            "WHEN (OLD.left_out IS DISTINCT FROM NEW.left_out) EXECUTE FUNCTION edition_refuse()"
        )
