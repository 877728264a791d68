"""Mails of the shop."""

import smtplib
from email.message import EmailMessage

from flask import current_app


def confirmation(number: int, address: str) -> EmailMessage:
    """Write the confirmation of an order."""
    message = EmailMessage()
    message["From"] = "shop@shop.example"
    message["To"] = address
    message["Subject"] = f"Your order {number}"
    message["Message-ID"] = f"<order-{number}@shop.example>"
    message.set_content("Thank you. It is on its way.")
    return message


def send(message: EmailMessage) -> None:
    """Send a mail, or tell the log where there is no server."""
    host = current_app.config["SMTP_HOST"]
    if not host:
        current_app.logger.warning("not sent: %s", message["Subject"])
        return
    with smtplib.SMTP(host, timeout=10) as server:
        server.send_message(message)
