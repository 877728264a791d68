"""Every order has a total."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

BATCH = 1000

order = sa.table("order", sa.column("id"), sa.column("total_cents"))
line = sa.table(
    "line",
    sa.column("order_id"),
    sa.column("quantity"),
    sa.column("price_cents"),
)


def upgrade() -> None:
    """Fill what is empty, so many at a time; then forbid it."""
    total = sa.func.sum(line.c.quantity * line.c.price_cents)
    its_own = (
        sa.select(sa.func.coalesce(total, 0))
        .where(line.c.order_id == order.c.id)
        .scalar_subquery()
    )
    fill = (
        sa.update(order)
        .where(order.c.total_cents.is_(None))
        .values(total_cents=its_own)
    )
    last = op.get_bind().scalar(sa.select(sa.func.max(order.c.id)))
    for first in range(1, (last or 0) + 1, BATCH):
        op.execute(fill.where(order.c.id.between(first, first + BATCH - 1)))
    with op.batch_alter_table("order") as table:
        table.alter_column("total_cents", nullable=False)


def downgrade() -> None:
    """Allow it again; totals are kept."""
    with op.batch_alter_table("order") as table:
        table.alter_column("total_cents", nullable=True)
