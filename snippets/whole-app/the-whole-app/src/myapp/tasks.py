"""What the worker does."""

from datetime import UTC, datetime
from smtplib import SMTPServerDisconnected

from celery import shared_task

from . import background, mail
from .extensions import db
from .models import Order

PASSING = (ConnectionError, TimeoutError, SMTPServerDisconnected)


@shared_task(
    autoretry_for=PASSING,
    max_retries=5,
    retry_backoff=10,
    retry_backoff_max=600,
    retry_jitter=True,
)
def confirm(number: int) -> None:
    """Mail the confirmation of an order, unless that was done."""
    claim = (
        db.update(Order)
        .where(Order.id == number, Order.confirmed_at.is_(None))
        .values(confirmed_at=datetime.now(UTC))
        .returning(Order.email)
    )
    address = db.session.scalar(claim)
    if address is not None:
        mail.send(mail.confirmation(number, address))
        db.session.commit()


@shared_task
def remind() -> None:
    """Queue again whatever was promised and never sent."""
    promised = db.select(Order.id).where(
        Order.email.is_not(None), Order.confirmed_at.is_(None)
    )
    for number in db.session.scalars(promised):
        background.hand_over(confirm, number)
