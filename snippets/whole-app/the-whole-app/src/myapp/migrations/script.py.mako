"""${message}."""

import sqlalchemy as sa
from alembic import op
${imports or ""}

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    """Go on."""
    ${upgrades or "pass"}


def downgrade() -> None:
    """Go back."""
    ${downgrades or "pass"}
