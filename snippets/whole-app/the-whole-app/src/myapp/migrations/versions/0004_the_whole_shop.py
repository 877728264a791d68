"""Accounts, roles, tokens, payments and the chat; orders have owners."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the tables, and the columns that may stay empty."""
    op.create_table(
        "user",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("password_hash", sa.String(255)),
        sa.Column("session_token", sa.String(32), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_user"),
        sa.UniqueConstraint("email", name="uq_user_email"),
        sa.UniqueConstraint("session_token", name="uq_user_session_token"),
    )
    op.create_table(
        "user_role",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "role", name="pk_user_role"),
        to_user("user_role"),
    )
    op.create_table(
        "identity",
        sa.Column("issuer", sa.String(255), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("issuer", "subject", name="pk_identity"),
        to_user("identity"),
    )
    op.create_index("ix_identity_user_id", "identity", ["user_id"])
    op.create_table(
        "token_family",
        sa.Column("id", sa.String(22), nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("login_hash", sa.String(64), nullable=False),
        sa.Column("scope", sa.String(200), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_token_family"),
        to_user("token_family", "CASCADE"),
    )
    for column in ("user_id", "expires_at"):
        name = f"ix_token_family_{column}"
        op.create_index(name, "token_family", [column])
    op.create_table(
        "payment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("claims", sa.Integer()),
        sa.Column("key", sa.String(36), nullable=False),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_payment"),
        sa.UniqueConstraint("claims", name="uq_payment_claims"),
        sa.UniqueConstraint("key", name="uq_payment_key"),
        sa.ForeignKeyConstraint(
            ["order_id"], ["order.id"], name="fk_payment_order_id"
        ),
    )
    op.create_index("ix_payment_order_id", "payment", ["order_id"])
    op.create_table(
        "chat",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_chat"),
    )
    with op.batch_alter_table("order") as table:
        table.add_column(sa.Column("user_id", sa.Integer()))
        table.add_column(sa.Column("guest", sa.String(32)))
        table.add_column(sa.Column("email", sa.String(254)))
        table.add_column(sa.Column("job", sa.String(32)))
        table.add_column(
            sa.Column("confirmed_at", sa.DateTime(timezone=True))
        )
        table.create_foreign_key(
            "fk_order_user_id", "user", ["user_id"], ["id"]
        )
        table.create_index("ix_order_user_id", ["user_id"])
        table.create_index("ix_order_guest", ["guest"])


def to_user(
    table: str, when_gone: str | None = None
) -> sa.ForeignKeyConstraint:
    """Point to whose a row is."""
    name = f"fk_{table}_user_id"
    return sa.ForeignKeyConstraint(
        ["user_id"], ["user.id"], name=name, ondelete=when_gone
    )


def downgrade() -> None:
    """Drop what is new, those last that others point to."""
    with op.batch_alter_table("order") as table:
        table.drop_index("ix_order_guest")
        table.drop_index("ix_order_user_id")
        table.drop_constraint("fk_order_user_id", type_="foreignkey")
        for column in ("confirmed_at", "job", "email", "guest", "user_id"):
            table.drop_column(column)
    for name in ("chat", "payment", "token_family", "identity"):
        op.drop_table(name)
    for name in ("user_role", "user"):
        op.drop_table(name)
