"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables, those first that others point to."""
    op.create_table(
        "customer",
        sa.Column("id", sa.Integer()),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_customer"),
        sa.UniqueConstraint("email", name="uq_customer_email"),
    )
    op.create_table(
        "product",
        sa.Column("id", sa.Integer()),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("price_cents", sa.Integer(), nullable=False),
        sa.Column("stock", sa.Integer()),
        sa.CheckConstraint("stock >= 0", name=op.f("ck_product_stock")),
        sa.PrimaryKeyConstraint("id", name="pk_product"),
    )
    op.create_table(
        "order",
        sa.Column("id", sa.Integer()),
        sa.Column("customer_id", sa.Integer()),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_order"),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name="fk_order_customer_id"
        ),
    )
    op.create_index("ix_order_customer_id", "order", ["customer_id"])
    op.create_table(
        "line",
        sa.Column("id", sa.Integer()),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("price_cents", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_line"),
        sa.ForeignKeyConstraint(
            ["order_id"], ["order.id"], name="fk_line_order_id"
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name="fk_line_product_id"
        ),
    )
    op.create_index("ix_line_order_id", "line", ["order_id"])


def downgrade() -> None:
    """Drop them, those last that others point to."""
    for table in ("line", "order", "product", "customer"):
        op.drop_table(table)
