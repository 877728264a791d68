"""Orders get a status, and room for a total."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add what the database fills in, and what may stay empty."""
    with op.batch_alter_table("order") as table:
        table.add_column(
            sa.Column(
                "status",
                sa.String(10),
                server_default="placed",
                nullable=False,
            )
        )
        table.add_column(sa.Column("total_cents", sa.Integer()))


def downgrade() -> None:
    """Forget both."""
    with op.batch_alter_table("order") as table:
        table.drop_column("total_cents")
        table.drop_column("status")
